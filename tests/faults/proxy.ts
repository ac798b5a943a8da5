import { once } from "node:events";
import { type Server, type Socket, connect, createServer } from "node:net";
import { freePort } from "../../deploy/local/free-port.ts";

/**
 * How the way between a replica and Redis behaves.
 * - `refuse`: closes what is open, and nobody listens.
 * - `hang`: takes connections and bytes, passes nothing on, forgets nothing.
 * - `half-open`: drops what comes, both ways, without a word. Connections of that time never recover.
 * - `delay`: every byte so much later, each way. `throttle`: so many bytes a second, each way.
 */
export type ProxyMode =
  | { kind: "pass" | "refuse" | "hang" | "half-open" }
  | { kind: "delay"; ms: number }
  | { kind: "throttle"; bytesPerSecond: number };

export interface Proxy {
  url: string;
  /** Redis' port; known only once Redis runs. */
  target: number;
  set: (mode: ProxyMode) => Promise<void>;
  close: () => Promise<void>;
}

interface Pair {
  near: Socket;
  far: Socket;
  /** Went through a time of dropped bytes: what is left of it makes no sense to either end. */
  dead: boolean;
  /** Kept while the way hangs, in order. */
  held: { to: Socket; chunk: Buffer }[];
  /** On their way with a delay, each way in order: what comes when it has ended does not overtake them. */
  delayed: Map<Socket, { chunk: Buffer; dueAt: number }[]>;
}

/** A TCP proxy on loopback whose behaviour can be changed at any time. */
export async function createProxy(): Promise<Proxy> {
  const pairs = new Set<Pair>();
  let mode: ProxyMode = { kind: "pass" };
  let server: Server | undefined;
  const port = await freePort();

  async function listen(): Promise<void> {
    server = createServer(accept).listen(port, "127.0.0.1");
    await once(server, "listening");
  }

  async function unlisten(): Promise<void> {
    const closing = server;
    server = undefined;
    const closed = closing && once(closing, "close");
    closing?.close();
    for (const { near, far } of pairs) {
      near.resetAndDestroy();
      far.destroy();
    }
    await closed;
  }

  function accept(near: Socket): void {
    const far = connect(proxy.target, "127.0.0.1");
    const pair: Pair = { near, far, dead: mode.kind === "half-open", held: [], delayed: new Map() };
    pairs.add(pair);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("error", () => undefined);
      from.on("data", (chunk) => void pass(pair, from, to, chunk));
      from.on("close", () => {
        // The other end of a dead way hears nothing of this end's close either.
        if (pair.dead && from === far) return;
        pairs.delete(pair);
        to.destroy();
      });
    }
  }

  function pass(pair: Pair, from: Socket, to: Socket, chunk: Buffer): void {
    if (pair.dead) return;
    if (mode.kind === "hang") pair.held.push({ to, chunk });
    else if (mode.kind === "delay") delay(pair, to, chunk, mode.ms);
    else if (pair.delayed.get(to)?.length) delay(pair, to, chunk, 0);
    else if (mode.kind === "throttle") {
      to.write(chunk);
      from.pause();
      setTimeout(() => from.resume(), (chunk.length / mode.bytesPerSecond) * 1000);
    } else if (!to.write(chunk)) {
      from.pause();
      to.once("drain", () => from.resume());
    }
  }

  function delay(pair: Pair, to: Socket, chunk: Buffer, ms: number): void {
    const queue = pair.delayed.get(to) ?? [];
    pair.delayed.set(to, queue);
    const dueAt = Math.max(queue.at(-1)?.dueAt ?? 0, performance.now() + ms);
    queue.push({ chunk, dueAt });
    if (queue.length === 1) forward(queue, to);
  }

  /** Writes the first of the queue when it is due, then the rest. */
  function forward(queue: { chunk: Buffer; dueAt: number }[], to: Socket): void {
    const [first] = queue;
    if (!first) return;
    setTimeout(
      () => {
        to.write(first.chunk);
        queue.shift();
        forward(queue, to);
      },
      Math.max(0, first.dueAt - performance.now()),
    );
  }

  const proxy: Proxy = {
    url: "",
    target: 0,
    async set(next) {
      const before = mode;
      mode = next;
      if (next.kind === "refuse") return unlisten();
      for (const pair of pairs) {
        if (next.kind === "half-open") pair.dead = true;
        if (next.kind !== "hang") for (const { to, chunk } of pair.held.splice(0)) to.write(chunk);
      }
      if (before.kind === "refuse") await listen();
    },
    close: unlisten,
  };
  await listen();
  proxy.url = `redis://127.0.0.1:${port}`;
  return proxy;
}
