import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { type Process, start, waitFor } from "../../deploy/local/process.ts";
import {
  type RuntimeName,
  root,
  runtimeCommand,
  startReplica as startServer,
} from "../../deploy/local/replica.ts";
import { createSlowClient } from "../support/slow-client.ts";
import { newId } from "../support/sockets.ts";
import { useClients } from "../features/documents/support/clients.ts";
import { temporaryFolder } from "../support/folder.ts";
import { insertion } from "../features/documents/support/yjs.ts";

/** Starting, stopping, and what the process does when it can't start. */
export function processSuite(runtime: RuntimeName): void {
  describe("the process", () => {
    const folder = temporaryFolder();
    const { person, socketTo } = useClients();
    const started: Process[] = [];
    after(() => Promise.all(started.map((process) => process.stop())));
    const startReplica: typeof startServer = async (options) => {
      const replica = await startServer(options);
      started.push(replica.process);
      return replica;
    };
    const env = (name: string) => ({ DATA_FILE: join(folder, name, "data.sqlite") });

    async function failingStart(more: Record<string, string>): Promise<string> {
      const args = runtime === "deno" ? ["run", "-A"] : [];
      const child: Process = await start({
        command: runtimeCommand(runtime),
        args: [...args, `${root}src/main.ts`],
        env: { ...env("failing"), PORT: "0", HOST: "127.0.0.1", LOG_FORMAT: "json", ...more },
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
      const open = await startReplica({
        runtime,
        env: { ...env("open"), NODE_ENV: "production", AUTH: "off" },
      });
      await waitFor("it says so", () => open.process.output().includes("open to everybody"));
      await open.process.stop();
    });

    test("prints its address and mode", async () => {
      const replica = await startReplica({ runtime, env: env("address") });
      const line = replica.process.output();
      await replica.process.stop();
      assert.ok(line.includes(`http://127.0.0.1:${replica.port}`) && line.includes("single mode"), line);
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

    test("a corrupt document store: a clear error, and the file is left as it is", async () => {
      const file = join(folder, "corrupt.sqlite");
      const content = "not a database at all ".repeat(500);
      writeFileSync(file, content);
      const output = await failingStart({ DATA_FILE: file });
      assert.ok(output.includes(file) && output.includes("not a database"), output);
      assert.equal(readFileSync(file, "utf8"), content);
    });

    test("a full document store: refused, told, nothing lost", async () => {
      const documentId = newId();
      const full = { ...env("full"), DATA_MAX_BYTES: "131072", MAX_UPDATE_BYTES: "1000000" };
      const replica = await startReplica({ runtime, env: full });
      const ada = await person(replica.url, documentId);
      ada.text.insert(0, "kept");
      await ada.provider.whenSaved();
      const reply = await ada.socket.emitWithAck("send-changes", {
        documentId,
        update: insertion("x".repeat(300_000)),
      });
      assert.equal(reply.ok === false && reply.error.code, "unavailable");
      // The log takes a way of its own.
      await waitFor("the log says why", () => /database or disk is full/.test(replica.process.output()));
      ada.text.insert(4, " too");
      await ada.provider.whenSaved();
      await replica.process.stop();
      const again = await startReplica({ runtime, env: full });
      const bob = await person(again.url, documentId);
      assert.equal(bob.text.toString(), "kept too");
      await again.process.stop();
    });

    test("SIGTERM stops it cleanly; what was acknowledged is there after a restart", async () => {
      const documentId = newId();
      const replica = await startReplica({ runtime, env: env("restart") });
      const ada = await person(replica.url, documentId);
      ada.text.insert(0, "before");
      await ada.provider.whenSaved();
      replica.process.kill("SIGTERM");
      assert.deepEqual(await replica.process.exited, { code: 0, signal: null }, replica.process.output());
      await waitFor("Ada is offline", () => ada.provider.state.status === "offline");
      ada.text.insert(6, " and offline");
      const again = await startReplica({ runtime, env: { ...env("restart"), PORT: String(replica.port) } });
      await ada.provider.whenSaved();
      const bob = await person(again.url, documentId);
      assert.equal(bob.text.toString(), "before and offline");
      await again.process.stop();
    });

    test("SIGTERM ends it although a client never answers, and no timeout of a client is waited for", async () => {
      // A process that waited for one of these would be running when the test gives up.
      const env10Min = {
        HEADERS_TIMEOUT_MS: "600000",
        BODY_TIMEOUT_MS: "600000",
        CONNECT_TIMEOUT_MS: "600000",
      };
      const replica = await startReplica({ runtime, env: { ...env("silent"), ...env10Min } });
      const silent = await createSlowClient(replica.port, newId());
      replica.process.kill("SIGTERM");
      await waitFor("it ends", () => !replica.process.isRunning(), 60_000);
      silent.close();
      assert.deepEqual(await replica.process.exited, { code: 0, signal: null }, replica.process.output());
    });

    test("SIGKILL loses nothing that was acknowledged", async () => {
      const documentId = newId();
      const replica = await startReplica({ runtime, env: env("kill") });
      const socket = socketTo(replica.url);
      await socket.emitWithAck("join-document", { documentId });
      assert.ok(
        (await socket.emitWithAck("send-changes", { documentId, update: insertion("acknowledged") })).ok,
      );
      replica.process.kill("SIGKILL");
      await replica.process.exited;
      const again = await startReplica({ runtime, env: env("kill") });
      const bob = await person(again.url, documentId);
      assert.equal(bob.text.toString(), "acknowledged");
      await again.process.stop();
    });

    test("while it drains it is not ready; a second signal stops it at once", async () => {
      const replica = await startReplica({ runtime, env: { ...env("drain"), DRAIN_MS: "60000" } });
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
