import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { start } from "../../deploy/local/process.ts";
import { type Replica, root, runtimeCommand, startReplica } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const read = (file: string) => readFileSync(join(root, file), "utf8");

describe("sizing", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const text = read("deploy/sizing.md");
  const results = read("tests/bench/RESULTS.md");
  let replica: Replica | undefined;
  after(() => replica?.process.stop());

  test("has the figures of the latest benchmark", () => {
    const row = (name: string, of = results) =>
      [...of.matchAll(new RegExp(`^\\| ${name} \\| ([\\d.,]+)`, "gm"))].map(([, value = ""]) =>
        Number(value.replaceAll(",", "")),
      );
    const section = (title: string) => results.split("\n## ").find((part) => part.startsWith(title)) ?? "";
    for (const [runtime, label] of [
      ["node", "Node"],
      ["bun", "Bun"],
      ["deno", "Deno"],
    ] as const) {
      const [bytes = 0] = row(`Trimaran on ${runtime}`, section("Idle connections"));
      assert.ok(text.includes(`${Math.round(bytes / 1000)} KB on ${label}`), `${label}: ${bytes} bytes`);
      const [us = 0] = row(`Trimaran on ${runtime}`, section("Fan-out"));
      assert.ok(text.includes(`${us.toFixed(2)} µs on ${label}`), `${label}: ${us} µs`);
    }
    const work = [2, 3, 6].map(
      (size) => new RegExp(`met \\| ${size} replicas and Redis .*\\| ([\\d.]+) \\(`).exec(results)?.[1],
    );
    assert.ok(text.includes(`1, ${work[0]}, ${work[1]} and ${work[2]} times`), work.join());
  });

  test("the capacity script measures a server, and says why it stopped", async () => {
    const env = { DATA_FILE: join(folder, "data.sqlite") };
    replica = await startReplica({ runtime: "node", env });
    const run = async (...args: string[]) => {
      const script = join(root, "tests/bench/capacity.ts");
      const child = await start({ command: runtimeCommand("node"), args: [script, ...args] });
      const { code } = await child.exited;
      return { code, output: child.output() };
    };
    const url = ["--url", replica.url];
    const { code, output } = await run(
      ...url,
      "--step",
      "20",
      "--most",
      "40",
      "--hold-s",
      "1",
      "--every-s",
      "0.5",
    );
    assert.equal(code, 0, output);
    assert.match(output, /^ +20 people .*\n +40 people .* failed 0 .*\n40 people \(reached --most 40\)$/m);
    const bounded = await run(
      ...url,
      "--step",
      "10",
      "--hold-s",
      "1",
      "--every-s",
      "0.5",
      "--bound-ms",
      "0.001",
    );
    assert.match(bounded.output, /^0 people \(p99 was \d+ ms\)$/m);
    assert.equal(bounded.code, 1);
    assert.match((await run()).output, /--url: which server\?/);
  });
});
