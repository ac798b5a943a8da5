import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { type RequestOptions, ask, upgradeHeaders } from "../support/raw-http.ts";
import { metric, useServer } from "../support/server.ts";

const polling = "/socket.io/?EIO=4&transport=polling";
const webSocket = "/socket.io/?EIO=4&transport=websocket";
const listed = "https://app.example.com";

/** Every way in that a page of another site can use. */
const waysIn: [what: string, target: string, options: RequestOptions, accepted: number][] = [
  ["HTTP", "/api/cluster", {}, 200],
  ["long-polling", polling, {}, 200],
  ["a WebSocket", webSocket, { headers: upgradeHeaders }, 101],
];

/** Which pages may call: one rule for HTTP, long-polling and WebSockets. */
export function originSuite(runtime: RuntimeName): void {
  describe("origin", () => {
    const server = useServer(runtime, { CLIENT_ORIGIN: listed });
    const port = () => server().port;
    const by = (origin: string | undefined, { headers, ...options }: RequestOptions): RequestOptions => ({
      ...options,
      headers: { ...headers, ...(origin !== undefined && { Origin: origin }) },
    });

    for (const [what, target, options, accepted] of waysIn) {
      test(`by ${what}: programs, the server's own page and listed ones may call`, async () => {
        for (const origin of [
          undefined,
          `http://127.0.0.1:${port()}`,
          `https://127.0.0.1:${port()}`,
          listed,
        ]) {
          assert.equal((await ask(port(), target, by(origin, options))).status, accepted, origin);
        }
      });

      test(`by ${what}: no other page may, and each is counted`, async () => {
        const before = await metric(server().url, "trimaran_refused_total", { reason: "origin" });
        const foreign = ["null", "https://evil.example", "http://127.0.0.1:1", `${listed}.evil.example`];
        for (const origin of foreign) {
          const answer = await ask(port(), target, by(origin, options));
          assert.equal(answer.status, 403, `${origin}: ${answer.text}`);
          assert.match(answer.text, /"error":\{"code":"forbidden","message":"[^"]+"\}/);
          assert.ok(!/access-control-allow-origin: (\*|https:\/\/evil)/i.test(answer.text), answer.text);
        }
        const after = await metric(server().url, "trimaran_refused_total", { reason: "origin" });
        assert.equal(after - before, foreign.length);
      });
    }

    test("a session that exists is closed to them too, and goes on", async () => {
      const { text } = await ask(port(), polling);
      const session = `&sid=${/"sid":"([^"]+)"/.exec(text)?.[1]}`;
      const evil = "https://evil.example";
      const post = { method: "POST", body: "40", headers: { "Content-Type": "text/plain" } };
      const tries: [target: string, options: RequestOptions][] = [
        [polling + session, by(evil, {})],
        [polling + session, by(evil, post)],
        [webSocket + session, by(evil, { headers: upgradeHeaders })],
        [polling + session, by(evil, { method: "OPTIONS" })],
      ];
      for (const [target, options] of tries)
        assert.equal((await ask(port(), target, options)).status, 403, JSON.stringify(options));
      assert.equal((await ask(port(), polling + session, by(listed, post))).status, 200);
    });

    test("a listed page may read what it gets, with credentials", async () => {
      for (const [target, options] of [
        [polling, {}],
        ["/api/cluster", {}],
        [polling, { method: "OPTIONS", headers: { "Access-Control-Request-Method": "POST" } }],
        ["/api/cluster", { method: "OPTIONS", headers: { "Access-Control-Request-Method": "GET" } }],
      ] as const) {
        const { text } = await ask(port(), target, by(listed, options));
        assert.match(text, /access-control-allow-origin: https:\/\/app\.example\.com\r\n/i);
        assert.match(text, /access-control-allow-credentials: true/i);
      }
    });

    test("the host that the trusted proxy was called by is the page's own", async () => {
      // Tests come from loopback, which is trusted by default.
      const proxied = { Host: "upstream:3000", "X-Forwarded-Host": "docs.example.com" };
      for (const [what, target, options, accepted] of waysIn) {
        const headers = { ...options.headers, ...proxied };
        const own = await ask(port(), target, by("https://docs.example.com", { headers }));
        assert.equal(own.status, accepted, what);
        const other = await ask(port(), target, by("https://evil.example", { headers }));
        assert.equal(other.status, 403, what);
      }
    });
  });
}
