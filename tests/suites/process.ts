import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { type Process, start, waitFor } from "../../deploy/local/process.ts";
import { type RuntimeName, root, runtimeCommand } from "../../deploy/local/replica.ts";
import { useMembers } from "../support/members.ts";
import { entryWithTalk, useReplicas } from "../support/server.ts";
import { createSlowClient } from "../support/slow-client.ts";
import { newId } from "../support/sockets.ts";
import { apiKey, authSecret, makeToken } from "../support/tokens.ts";
import { ask } from "../support/api.ts";

/** Starting, stopping, and what the process does when it can't start. */
export function processSuite(runtime: RuntimeName): void {
  describe("the process", () => {
    const { folder, dataFile, start: startReplica } = useReplicas(runtime);
    const { member } = useMembers();

    async function failingStart(more: Record<string, string>): Promise<string> {
      const args = runtime === "deno" ? ["run", "-A"] : [];
      const child: Process = await start({
        command: runtimeCommand(runtime),
        args: [...args, `${root}src/main.ts`],
        env: { ...dataFile("failing"), PORT: "0", HOST: "127.0.0.1", LOG_FORMAT: "json", ...more },
        cwd: root,
      });
      const { code } = await child.exited;
      const output = child.output();
      assert.equal(code, 1, output);
      assert.ok(!/^\s+at /m.test(output), `no stack trace:\n${output}`);
      return output;
    }

    test("does not start open in production, unless that is written out; open, it says so", async () => {
      assert.match(await failingStart({ NODE_ENV: "production" }), /AUTH_SECRET.*AUTH=off/s);
      const open = await startReplica("open", { NODE_ENV: "production", AUTH: "off" });
      await waitFor("it says so", () => open.process.output().includes("every client may enter"));
      await open.process.stop();
    });

    test("prints its address and mode", async () => {
      const replica = await startReplica("address");
      const line = replica.process.output();
      await replica.process.stop();
      assert.ok(line.includes(`http://127.0.0.1:${replica.port}`) && line.includes('"mode":"single"'), line);
    });

    test("a wrong configuration: all problems at once, exit 1, nothing started", async () => {
      const output = await failingStart({
        PORT: "http",
        CLIENT_ORIGIN: "here",
        REDIS_URL: "redis://:hunter2@x",
        REDIS_HOST: "y",
      });
      for (const part of ["PORT=", "CLIENT_ORIGIN=", "REDIS_URL and REDIS_HOST"])
        assert.ok(output.includes(part), output);
      assert.ok(!output.includes("hunter2"));
      assert.ok(!existsSync(join(folder, "failing")));
    });

    test("a port in use: one clear line", async () => {
      const occupier = createServer().listen(0, "127.0.0.1");
      await once(occupier, "listening");
      const { port } = occupier.address() as { port: number };
      const output = await failingStart({ PORT: String(port) });
      occupier.close();
      assert.match(output, new RegExp(`^Cannot listen: 127\\.0\\.0\\.1:${port} is in use`, "m"));
      assert.equal(output.trim().split("\n").length, 1, output);
    });

    test("a corrupt data file: a clear error, and the file is left as it is", async () => {
      const file = join(folder, "corrupt.sqlite");
      const content = "not a database at all ".repeat(500);
      writeFileSync(file, content);
      const output = await failingStart({ DATA_FILE: file });
      assert.ok(output.includes(file) && output.includes("not a database"), output);
      assert.equal(readFileSync(file, "utf8"), content);
    });

    test("SIGTERM stops it cleanly; its clients are members again after a restart", async () => {
      const room = newId();
      const replica = await startReplica("restart", {}, entryWithTalk);
      const members = await Promise.all([member(replica.url, room), member(replica.url, room)]);
      const [ada, bob] = members;
      replica.process.kill("SIGTERM");
      assert.deepEqual(await replica.process.exited, { code: 0, signal: null }, replica.process.output());
      await waitFor("both are offline", () =>
        members.every(({ membership }) => membership.state.status === "offline"),
      );
      const again = await startReplica("restart", { PORT: String(replica.port) }, entryWithTalk);
      await waitFor("both are members again", () => members.every(({ membership }) => membership.synced));
      assert.ok((await ada.say("after the restart")).ok);
      await waitFor("Bob hears it", () => bob.heard.length === 1);
      await again.process.stop();
    });

    test("SIGTERM ends it although a client never answers, and no timeout of a client is waited for", async () => {
      // A process that waited for one of these would be running when the test gives up.
      const env10Min = {
        HEADERS_TIMEOUT_MS: "600000",
        BODY_TIMEOUT_MS: "600000",
        CONNECT_TIMEOUT_MS: "600000",
      };
      const replica = await startReplica("silent", env10Min);
      const silent = await createSlowClient(replica.port, newId());
      replica.process.kill("SIGTERM");
      await waitFor("it ends", () => !replica.process.isRunning(), 60_000);
      silent.close();
      assert.deepEqual(await replica.process.exited, { code: 0, signal: null }, replica.process.output());
    });

    test("SIGKILL loses nothing that was acknowledged", async () => {
      const keys = { AUTH_SECRET: authSecret, API_KEYS: apiKey };
      const token = await makeToken({ sub: "ada" });
      const statusOf = async (url: string) =>
        (await fetch(`${url}/api/cluster`, { headers: { authorization: `Bearer ${token}` } })).status;
      const replica = await startReplica("kill", keys);
      assert.equal(await statusOf(replica.url), 200);
      const revoked = await ask(replica.url, "POST", "/api/revocations", { body: { userId: "ada" } });
      assert.deepEqual(revoked.body, { ok: true, stored: "local" });
      replica.process.kill("SIGKILL");
      await replica.process.exited;
      const again = await startReplica("kill", keys);
      assert.equal(await statusOf(again.url), 401);
      await again.process.stop();
    });

    test("while it drains it is not ready; a second signal stops it at once", async () => {
      const replica = await startReplica("drain", { DRAIN_MS: "60000" });
      replica.process.kill("SIGTERM");
      await waitFor("it is not ready", async () => {
        const response = await fetch(`${replica.url}/readyz`);
        return (
          response.status === 503 && ((await response.json()) as { status: string }).status === "draining"
        );
      });
      replica.process.kill("SIGTERM");
      assert.equal((await replica.process.exited).code, 1);
    });
  });
}
