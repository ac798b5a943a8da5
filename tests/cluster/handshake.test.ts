import assert from "node:assert/strict";
import { connect } from "node:net";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { io } from "socket.io-client";
import { waitFor } from "../../deploy/local/process.ts";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import { runtimes } from "../../deploy/local/replica.ts";
import { type Program, startProgram } from "../support/program.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { authSecret, makeToken } from "../support/tokens.ts";

interface Known {
  id: string;
  handshake: { address: string; url: string } & Record<"headers" | "query" | "auth", Record<string, unknown>>;
}

const secret = "of-the-client-alone";

/** The handshake stays on the replica that has the connection. */
describe("a client's handshake, on three runtimes", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const programs: Program[] = [];
  const clients: ReturnType<typeof io>[] = [];
  let redis: LocalRedis;
  /** Every command that Redis was sent. */
  let commands = "";
  let monitor: ReturnType<typeof connect>;

  before(async () => {
    redis = await startRedis({ dir: folder });
    monitor = connect(redis.port, "127.0.0.1");
    monitor.on("data", (piece) => (commands += piece.toString("latin1")));
    monitor.write("MONITOR\r\n");
    await Promise.all(
      runtimes.map(async (runtime, index) => {
        programs[index] = await startProgram({
          runtime,
          file: "../support/hostile-app.ts",
          env: {
            REDIS_URL: redis.url,
            AUTH_SECRET: authSecret,
            NODE_ID: runtime,
            DATA_FILE: join(folder, `${runtime}.sqlite`),
            DRAIN_MS: "0",
          },
        });
      }),
    );
    for (const program of programs) {
      const socket = io(`http://127.0.0.1:${await program.call<number>("port")}`, {
        auth: { token: await makeToken({ sub: "ada" }), [secret]: secret },
        query: { room: secret },
        extraHeaders: { "x-secret": secret, cookie: `session=${secret}` },
        transports: ["websocket"],
        forceNew: true,
      });
      clients.push(socket);
      await waitFor("it is connected", () => socket.connected);
    }
  });
  after(async () => {
    for (const client of clients) client.disconnect();
    await Promise.all(programs.map((program) => program.stop()));
    monitor.destroy();
    await redis.process.stop();
  });

  for (const [index, runtime] of runtimes.entries()) {
    test(`on ${runtime} the app has the headers and query of its own connections, and of others none`, async () => {
      const known = await waitFor("all replicas answer", async () => {
        const answer = await programs[index]?.call<Known[]>("handshakes").catch(() => []);
        return answer?.length === runtimes.length && answer;
      });
      for (const { id, handshake } of known) {
        const { headers, query, auth, address, url } = handshake;
        assert.match(address, /127\.0\.0\.1$/);
        assert.deepEqual(
          Object.keys(auth).filter((key) => key !== "name"),
          [],
        );
        if (id === clients[index]?.id) {
          assert.deepEqual([headers["x-secret"], query["room"]], [secret, secret]);
        } else {
          assert.deepEqual([headers, query, auth], [{}, {}, {}]);
          assert.ok(!url.includes(secret), url);
        }
      }
    });
  }

  test("nothing of it was sent to Redis", async () => {
    for (const client of clients) client.disconnect();
    await waitFor("the sessions are kept in Redis", () => /"set" "trimaran:\S*session/i.test(commands));
    assert.match(commands, /publish/i);
    assert.ok(!commands.includes(secret));
  });
});
