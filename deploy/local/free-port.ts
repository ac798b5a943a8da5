import { once } from "node:events";
import { type Server, createServer } from "node:net";

/**
 * Below those that systems give to outgoing connections (32768 on Linux, 49152 elsewhere): whoever listens on one
 * of these, stops and comes back finds it free.
 */
const lowest = 15_000;
const highest = 32_000;
/**
 * Programs that run at the same time look in parts of their own, as a port is free until whoever was given it listens.
 * A part is its program's for as long as that listens on the part's first port, for nobody.
 */
const partSize = 100;
const partCount = Math.floor((highest - lowest) / partSize);
let part: Promise<number> | undefined;
/**
 * Within its part a program goes round, so that a port comes again only after all others: what starts later, such as
 * a Redis that is absent at first, still finds its own.
 */
let next = 1;

/** A port on loopback that nobody listens on at the moment; the `wanted` one, if that is so of it. */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && (await isFree(wanted))) return wanted;
  const first = await (part ??= takePart());
  for (let attempt = 1; attempt < partSize; attempt += 1) {
    const port = first + next;
    next = (next % (partSize - 1)) + 1;
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${first + 1} to ${first + partSize - 1} is free`);
}

/** @returns the first port of the part. */
async function takePart(): Promise<number> {
  // From anywhere, as a part that was just left may have ports that are still being closed.
  const start = Math.floor(Math.random() * partCount);
  for (let count = 0; count < partCount; count += 1) {
    const first = lowest + ((start + count) % partCount) * partSize;
    const server = await listen(first);
    // The program may end whenever it likes.
    if (!server) continue;
    server.unref();
    return first;
  }
  throw new Error(`no part of the ports from ${lowest} to ${highest} is free`);
}

/** @returns nothing where somebody else listens, or where this program may not. */
async function listen(port: number): Promise<Server | undefined> {
  // Whoever connects is sent away: it would keep the program from ending.
  const server = createServer((socket) => socket.destroy());
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  } catch {
    return undefined;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = await listen(port);
  if (!server) return false;
  server.close();
  await once(server, "close");
  return true;
}
