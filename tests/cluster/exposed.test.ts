import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type LocalCaddy, startCaddy } from "../../deploy/local/caddy.ts";
import { waitFor } from "../../deploy/local/process.ts";
import { type Replica, runtimes, startReplica } from "../../deploy/local/replica.ts";
import { adaptedCaddyfile } from "../support/adapted-caddyfile.ts";
import { newId } from "../support/sockets.ts";
import { useMembers } from "../support/members.ts";
import { temporaryFolder } from "../support/folder.ts";
import { ask, dribble, requestText, upgradeHeaders } from "../support/raw-http.ts";
import { entryWithTalk } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

const polling = "/socket.io/?EIO=4&transport=polling";
const webSocket = "/socket.io/?EIO=4&transport=websocket";
const listed = "https://app.example.com";

describe("exposed behind Caddy", { timeout: groupTimeoutMs }, () => {
  const folder = temporaryFolder();
  const { member } = useMembers();
  const replicas: Replica[] = [];
  let caddy: LocalCaddy | undefined;
  const port = () => caddy?.port ?? 0;
  const host = () => ({ Host: `127.0.0.1:${port()}` });

  before(async () => {
    for (const runtime of runtimes) {
      const env = { DATA_FILE: join(folder, `${runtime}.sqlite`), CLIENT_ORIGIN: listed };
      replicas.push(await startReplica({ runtime, entry: entryWithTalk, env }));
    }
    const dir = join(folder, "caddy");
    mkdirSync(dir);
    caddy = await startCaddy({
      dir,
      upstreams: replicas.map((replica) => `127.0.0.1:${replica.port}`),
      env: { HEADERS_TIMEOUT: "1s", BODY_TIMEOUT: "2s" },
    });
  });
  after(async () => {
    await caddy?.process.stop();
    await Promise.all(replicas.map(({ process }) => process.stop()));
  });

  test("the Caddyfile's limits are what it says, and HSTS is for TLS alone", () => {
    const text = adaptedCaddyfile({ SITE_ADDRESS: "https://docs.example.com" });
    for (const part of [
      '"read_header_timeout":10000000000',
      '"read_timeout":60000000000',
      '"idle_timeout":120000000000',
      '"max_header_bytes":16000',
      '"match":[{"protocol":"https"}]',
      '"Strict-Transport-Security":["max-age=31536000"]',
    ])
      assert.ok(text.includes(part), `${part} in ${text}`);
    assert.ok(!text.includes("write_timeout"), "what is being answered may take its time");
  });

  test("each kind of slow request is ended in time; a long poll and a WebSocket are not", async () => {
    const id = newId();
    const [ada, bob] = await Promise.all([
      member(caddy?.url ?? "", id, { transports: ["polling"] }),
      member(caddy?.url ?? "", id, { transports: ["websocket"] }),
    ]);
    const sids = [ada.socket.id, bob.socket.id];
    // Each ends a poll, of 5 s.
    let pings = 0;
    ada.socket.io.on("ping", () => (pings += 1));
    const head = "GET /livez HTTP/1.1\r\nHost: x\r\n";
    const post = (headers: Record<string, string>) =>
      requestText(polling, { method: "POST", headers: { ...host(), ...headers } });
    const kinds: [what: string, start: string, piece?: string][] = [
      ["a connection that says nothing", ""],
      ["a header that grows byte by byte", `${head}X-Slow: `, "a"],
      ["headers without end", head, "X: y\r\n"],
      [
        "an upgrade whose headers don't end",
        requestText(webSocket, { headers: { ...host(), ...upgradeHeaders } }).replace(/\r\n$/, ""),
        "X: y\r\n",
      ],
      ["a body that grows byte by byte", post({ "Content-Length": "60000" }), "4"],
      ["a body in chunks without end", post({ "Transfer-Encoding": "chunked" }), "1\r\na\r\n"],
    ];
    await Promise.all(
      kinds.map(async ([what, start, piece]) => {
        const { answer } = await dribble(port(), what, { start, ...(piece && { piece }) });
        assert.ok(!/^HTTP\/1\.1 (101|2\d\d)/.test(answer.text), `${what}: ${answer.text}`);
      }),
    );
    await waitFor("polls have taken longer than a body may", () => pings >= 2, 60_000);
    assert.deepEqual([ada.socket.id, bob.socket.id], sids);
    // The replicas have no Redis: what is said is heard on the sender's.
    for (const { say, heard } of [ada, bob]) {
      assert.deepEqual(await say("still here"), { ok: true });
      await waitFor("it is heard", () => heard.length > 0);
    }
    const large = await ask(port(), "/livez", { headers: { Cookie: "a".repeat(40_000) } });
    assert.equal(large.status, 431);
  });

  test("which pages may call is the same behind it", async () => {
    const own = `http://127.0.0.1:${port()}`;
    for (const [target, headers, accepted] of [
      ["/api/cluster", {}, 200],
      [polling, {}, 200],
      [webSocket, upgradeHeaders, 101],
    ] as const) {
      const by = async (origin: string, more: Record<string, string> = {}) =>
        (await ask(port(), target, { headers: { ...headers, Origin: origin, ...more } })).status;
      // Whichever replica it comes to.
      for (let turn = 0; turn < 4; turn += 1) {
        assert.equal(await by(own), accepted, target);
        assert.equal(await by(listed), accepted, target);
        for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"])
          assert.equal(await by(origin), 403, `${target} ${origin}`);
        const claimed = { "X-Forwarded-Host": "evil.example" };
        assert.equal(
          await by("https://evil.example", claimed),
          403,
          `${target}: Caddy tells the host itself`,
        );
      }
    }
  });
});
