import assert from "node:assert/strict";
import { once } from "node:events";
import { type Server, createServer } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { Page } from "playwright-core";
import { runtimes, startReplica } from "../../deploy/local/replica.ts";
import { useBrowser, waitForStatus } from "../support/browser.ts";
import { newId } from "../support/sockets.ts";
import { temporaryFolder } from "../support/folder.ts";
import { useServer } from "../support/server.ts";
import { groupTimeoutMs } from "../support/timeout.ts";

describe("a page of another origin, in Chromium", { timeout: groupTimeoutMs }, () => {
  let foreign: Server;
  let foreignOrigin = "";
  before(async () => {
    foreign = createServer((_request, response) =>
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>elsewhere</title>"),
    ).listen(0, "127.0.0.1");
    await once(foreign, "listening");
    foreignOrigin = `http://127.0.0.1:${(foreign.address() as { port: number }).port}`;
  });
  after(() => foreign.close());
  const open = useBrowser();
  const strict = useServer("node");

  /** What a script of the page gets: by fetch with credentials, by polling and by WebSocket. */
  function attempt(page: Page, url: string) {
    return page.evaluate(async (base) => {
      const polling = `${base}/socket.io/?EIO=4&transport=polling`;
      const read = (address: string, init: RequestInit = {}) =>
        fetch(address, { credentials: "include", ...init }).then(
          async (response) => `${response.status} ${(await response.text()).slice(0, 60)}`,
          () => "refused",
        );
      const socket = new WebSocket(`${base.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
      const webSocket = await new Promise<string>((resolve) => {
        socket.addEventListener("message", ({ data }) => resolve(String(data).slice(0, 6)));
        socket.addEventListener("close", () => resolve("refused"));
      });
      socket.close();
      return {
        api: (await read(`${base}/api/cluster`)).slice(0, 8),
        poll: (await read(polling)).slice(0, 8),
        post: (await read(polling, { method: "POST", body: "40" })).slice(0, 8),
        webSocket,
      };
    }, url);
  }

  test("gets nothing, by fetch, polling or WebSocket", async () => {
    const { page } = await open(foreignOrigin);
    assert.deepEqual(await attempt(page, strict().url), {
      api: "refused",
      poll: "refused",
      post: "refused",
      webSocket: "refused",
    });
  });

  test("the server's own page gets all of it", async () => {
    const { page } = await open(`${strict().url}/d/${newId()}`);
    await waitForStatus(page, "synced");
    const { api, poll, post, webSocket } = await attempt(page, strict().url);
    // A POST without a session is the engine's business to refuse.
    assert.deepEqual(
      [api.slice(0, 3), poll, post.slice(0, 3), webSocket],
      ["200", '200 0{"s', "400", '0{"sid'],
    );
  });

  test("listed in CLIENT_ORIGIN, a page works by all three", async () => {
    const folder = temporaryFolder();
    for (const runtime of runtimes) {
      const replica = await startReplica({
        runtime,
        env: { DATA_FILE: join(folder, `${runtime}.sqlite`), CLIENT_ORIGIN: foreignOrigin },
      });
      try {
        const { page } = await open(foreignOrigin);
        const { api, poll, webSocket } = await attempt(page, replica.url);
        assert.deepEqual([api.slice(0, 3), poll, webSocket], ["200", '200 0{"s', '0{"sid'], runtime);
      } finally {
        await replica.process.stop();
      }
    }
  });
});
