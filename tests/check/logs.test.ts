import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type Replica, root, runtimeCommand, runtimes, startReplica } from "../../deploy/local/replica.ts";
import { start, waitWhileRunning } from "../../deploy/local/process.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const page = readFileSync(join(root, "deploy/logs.md"), "utf8");

/** Everything that is logged at these levels, as far as the words are in the source. */
function messages(...levels: string[]): string[] {
  // The first text in the call: what comes before is an object of fields.
  const call = new RegExp(`\\blog(?:\\.(?:${levels.join("|")})|\\[\\w+\\])\\([^"\`;]*?"([^"]+)"`, "g");
  return globSync("src/**/*.ts", { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), "utf8").matchAll(call)].map(([, message = ""]) => message),
  );
}

describe("logs", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const replicas: Replica[] = [];
  after(() => Promise.all(replicas.map(({ process }) => process.stop())));

  test("the page on logs has every message from info on, and none that there is not", () => {
    const logged = new Set(messages("info", "warn", "error"));
    assert.ok(logged.size > 25, [...logged].join());
    for (const message of logged) {
      const isThere = page.includes(`«${message}»`) || page.includes(`«${message.split(":")[0]}: …»`);
      assert.ok(isThere, message);
    }
    const made = new Set(["merging a document's log failed, will be tried again"]);
    for (const [, message = ""] of page.matchAll(/«([^»]+[^…])»/g))
      assert.ok(logged.has(message) || made.has(message), message);
  });

  for (const runtime of runtimes) {
    test(`one JSON object a line on ${runtime}, from start to stop`, async () => {
      const env = { NODE_ID: "a", DATA_FILE: join(folder, `${runtime}.sqlite`), LOG_LEVEL: "debug" };
      const replica = await startReplica({ runtime, env });
      replicas.push(replica);
      replica.process.kill("SIGTERM");
      await replica.process.exited;
      const lines = replica.process.output().trim().split("\n");
      assert.ok(lines.length >= 3, lines.join("\n"));
      for (const line of lines) {
        const { level, time, node, msg } = JSON.parse(line) as Record<string, unknown>;
        assert.ok(typeof level === "number" && typeof time === "number" && typeof msg === "string", line);
        assert.equal(node, "a");
      }
    });
  }

  test("one readable line each where a person looks", async () => {
    const env = {
      PORT: "0",
      HOST: "127.0.0.1",
      DATA_FILE: join(folder, "pretty.sqlite"),
      LOG_FORMAT: "pretty",
    };
    const server = await start({ command: runtimeCommand("node"), args: ["src/main.ts"], cwd: root, env });
    await waitWhileRunning(server, "it listens", () => server.output().includes("listens on"));
    await server.stop();
    assert.doesNotMatch(server.output(), /^\s*\{/m);
    assert.match(
      server.output(),
      /INFO.*Trimaran listens on http:\/\/127\.0\.0\.1:\d+ in single mode on node/,
    );
  });
});
