import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ShownCluster, createControlRoomApp } from "../../../deploy/local/control-room/app.ts";
import { createJournal } from "../../../deploy/local/control-room/journal.ts";

const port = 8090;
const own = `localhost:${port}`;

describe("the control room lets in", () => {
  const acts: string[] = [];
  const shown = {
    parts: {
      list: () => [],
      close() {},
      act: async (part: string, action: string) => void acts.push(`${action} ${part}`),
    },
    observer: {
      snapshot: () => ({ at: 0, parts: [], log: [] }),
      history: () => [],
      onTick: () => () => {},
      stop() {},
    },
    journal: createJournal(),
    clusterPort: 8080,
    room: "control-room-test",
  } satisfies ShownCluster;
  const app = createControlRoomApp(
    () => port,
    () => shown,
    [],
  );
  const kill = (headers: Record<string, string>) =>
    app.request("/parts/redis/kill", { method: "POST", headers });

  test("its own page, by either name of this machine", async () => {
    for (const host of [own, `127.0.0.1:${port}`]) {
      assert.equal((await app.request("/", { headers: { host } })).status, 200);
      assert.equal((await kill({ host, origin: `http://${host}` })).status, 200);
    }
    assert.deepEqual(acts.splice(0), ["kill redis", "kill redis"]);
  });

  test("no page that reaches it by a name of its own (DNS rebinding), not even to look", async () => {
    for (const host of [
      `evil.example:${port}`,
      "localhost",
      "localhost:1",
      `localhost:${port}.evil.example`,
    ]) {
      for (const path of ["/", "/events", "/assets/page.js"])
        assert.equal((await app.request(path, { headers: { host } })).status, 403, `${host}${path}`);
      assert.equal((await kill({ host, origin: `http://${host}` })).status, 403, host);
    }
    assert.deepEqual(acts, []);
  });

  test("no other page to change anything: a foreign one, the demo's, one without an origin", async () => {
    for (const origin of ["https://evil.example", "http://localhost:8080", "null", `https://${own}`, ""])
      assert.equal((await kill({ host: own, ...(origin && { origin }) })).status, 403, origin);
    assert.deepEqual(acts, []);
  });

  test("nobody into a frame, and runs nothing but its own files", async () => {
    const policy = (await app.request("/", { headers: { host: own } })).headers.get(
      "content-security-policy",
    );
    assert.match(policy ?? "", /default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/);
    assert.doesNotMatch(policy ?? "", /unsafe/);
  });

  test("no action that there is not", async () => {
    const reply = await app.request("/parts/redis/explode", {
      method: "POST",
      headers: { host: own, origin: `http://${own}` },
    });
    assert.equal(reply.status, 404);
    assert.match(await reply.text(), /there are: kill, hang/);
  });
});
