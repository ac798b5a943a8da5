import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { start } from "../../deploy/local/process.ts";
import { type Replica, root, runtimeCommand, startReplica } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("npm run capacity", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  let replica: Replica | undefined;
  after(() => replica?.process.stop());

  test("measures a server, and says why it stopped", async () => {
    const env = { DATA_FILE: join(folder, "data.sqlite") };
    replica = await startReplica({ runtime: "node", env, entry: join(root, "tests/support/main.ts") });
    const run = async (...args: string[]) => {
      const script = join(root, "tests/bench/capacity.ts");
      const child = await start({ command: runtimeCommand("node"), args: [script, ...args] });
      const { code } = await child.exited;
      return { code, output: child.output() };
    };
    const url = ["--url", replica.url];
    const talking = [...url, "--event", "say"];
    const { code, output } = await run(
      ...talking,
      "--step",
      "20",
      "--most",
      "40",
      "--hold-s",
      "1",
      "--every-s",
      "0.5",
      // However busy the machine is.
      "--bound-ms",
      "60000",
    );
    assert.equal(code, 0, output);
    assert.match(output, /^ +20 people .*\n +40 people .* failed 0 .*\n40 people \(reached --most 40\)$/m);
    const bounded = await run(
      ...talking,
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
    assert.match((await run(...url)).output, /--event: which event\?/);
  });
});
