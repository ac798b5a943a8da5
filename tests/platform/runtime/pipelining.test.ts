import assert from "node:assert/strict";
import { type Socket, connect } from "node:net";
import { afterEach, describe, test } from "node:test";
import { Server } from "socket.io";
import { waitFor } from "../../../deploy/local/process.ts";
import { readConfig } from "../../../src/config.ts";
import type { RuntimeServer } from "../../../src/platform/runtime/contract.ts";
import { selectRuntime } from "../../../src/platform/runtime/select.ts";

const maxPipelined = 50;
const isBun = process.versions["bun"] !== undefined;

/** A server on this runtime that counts the requests that it is given. */
async function serve(answer: (path: string) => Response | Promise<Response>) {
  const runtime = await selectRuntime({ fastPaths: true });
  const seen = {
    requests: 0,
    underWay: 0,
    mostUnderWay: 0,
    ofTurn: 0,
    mostOfTurn: 0,
    refused: [] as string[],
  };
  const server = runtime.createServer({
    async fetch({ url }) {
      if (seen.ofTurn === 0) setImmediate(() => (seen.ofTurn = 0));
      seen.requests += 1;
      seen.ofTurn += 1;
      seen.underWay += 1;
      seen.mostOfTurn = Math.max(seen.mostOfTurn, seen.ofTurn);
      seen.mostUnderWay = Math.max(seen.mostUnderWay, seen.underWay);
      const response = await answer(new URL(url).pathname);
      seen.underWay -= 1;
      return response;
    },
    io: new Server(),
    socketOptions: {},
    allowsOrigin: () => true,
    mayOpen: () => true,
    limits: {
      ...readConfig({}, []).http,
      maxPipelined,
      maxBodyBytes: 1000,
      maxEntryBytes: 1000,
      maxPackets: 1000,
    },
    onConnection: () => undefined,
    onRefused: (reason) => seen.refused.push(reason),
  });
  open.push(server);
  const port = await server.listen(0, "127.0.0.1");
  return { seen, port };
}

const open: RuntimeServer[] = [];
const sockets: Socket[] = [];

/** Sends so many requests in one piece: `/0`, `/1` and so on. */
function pipeline(port: number, count: number) {
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  const client = { text: "", isClosed: false };
  socket.on("data", (piece) => (client.text += piece.toString("latin1")));
  socket.on("error", () => undefined);
  socket.on("close", () => (client.isClosed = true));
  const paths = Array.from({ length: count }, (_, index) => `/${index}`);
  socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(""));
  const answered = () => [...client.text.matchAll(/answer to (\/\d+)/g)].map(([, path]) => path);
  return { client, socket, paths, answered };
}

const soon = (text: string) =>
  new Promise<Response>((resolve) => setImmediate(() => resolve(new Response(text))));

describe("requests behind one another on a connection", () => {
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    for (const server of open.splice(0)) await server.close();
  });

  test("are answered in order", async () => {
    const { port, seen } = await serve((path) => new Response(`answer to ${path}`));
    const { answered, paths } = pipeline(port, maxPipelined + 1);
    await waitFor("all are answered", () => answered().length === paths.length);
    assert.deepEqual(answered(), paths);
    assert.deepEqual(seen.refused, []);
  });

  test("take turns: one is under way at a time, in a turn of the event loop of its own", async () => {
    const { port, seen } = await serve((path) => soon(`answer to ${path}`));
    const { client, answered, paths } = pipeline(port, maxPipelined);
    // Bun takes no request while an answer is not ready.
    await waitFor("it is over", () => client.isClosed || answered().length === paths.length);
    assert.equal(seen.mostUnderWay, 1);
    assert.equal(seen.mostOfTurn, 1);
    if (!isBun) assert.deepEqual(answered(), paths);
  });

  test("of two connections both have their turns", async () => {
    const { port, seen } = await serve((path) => new Response(`answer to ${path}`));
    const [first, second] = [pipeline(port, 40), pipeline(port, 40)];
    await waitFor("all are answered", () => first.answered().length + second.answered().length === 80);
    assert.ok(seen.mostOfTurn <= (isBun ? 80 : 2), `${seen.mostOfTurn} in a turn`);
  });

  test("more than may wait: the client is disconnected, and the rest is not looked at", async () => {
    const { port, seen } = await serve((path) => new Response(`answer to ${path}`));
    const { client } = pipeline(port, 2000);
    await waitFor("it is disconnected", () => client.isClosed);
    assert.ok(seen.requests <= maxPipelined + 2, `${seen.requests} requests`);
    assert.deepEqual(seen.refused, ["pipelining"]);
    const other = pipeline(port, 1);
    await waitFor("another client is answered", () => other.answered().length === 1);
  });

  test("those that wait are forgotten when the client is gone", async () => {
    const release = Promise.withResolvers<void>();
    const { port, seen } = await serve(async (path) => {
      await release.promise;
      return new Response(`answer to ${path}`);
    });
    const { socket } = pipeline(port, maxPipelined);
    await waitFor("the first is under way", () => seen.requests === 1);
    socket.destroy();
    const other = pipeline(port, 1);
    await waitFor("another client is heard", () => seen.requests === 2);
    release.resolve();
    await waitFor("another client is answered", () => other.answered().length === 1);
    assert.equal(seen.requests, 2);
  });
});
