import assert from "node:assert/strict";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type Replica, root, runtimeCommand, runtimes, startReplica } from "../../deploy/local/replica.ts";
import { start, waitWhileRunning } from "../../deploy/local/process.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("what a server logs", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const replicas: Replica[] = [];
  after(() => Promise.all(replicas.map(({ process }) => process.stop())));

  for (const runtime of runtimes) {
    test(`is one JSON object a line on ${runtime}, from start to stop`, async () => {
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

  test("is one readable line each with LOG_FORMAT=pretty", async () => {
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
    assert.match(server.output(), /INFO.*Trimaran listens on http:\/\/127\.0\.0\.1:\d+/);
  });
});
