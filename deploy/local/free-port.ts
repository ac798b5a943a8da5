import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below those that systems give to outgoing connections (32768 on Linux, 49152 elsewhere): whoever listens on one
 * of these, stops and comes back finds it free.
 */
const lowest = 15_000;
const highest = 32_000;
/**
 * Programs that run at the same time look in parts of their own, as a port is free until whoever was given it listens.
 * Which part follows from the process id; of 170 parts two have the same now and then.
 */
const partSize = 100;
const part = (process.pid * 7) % Math.floor((highest - lowest) / partSize);
/**
 * Within its part a program goes round, so that a port comes again only after all others: what starts later, such as
 * a Redis that is absent at first, still finds its own.
 */
let next = Math.floor(Math.random() * partSize);

/** A port on loopback that nobody listens on at the moment; the `wanted` one, if that is so of it. */
export async function freePort(wanted?: number): Promise<number> {
  if (wanted !== undefined && (await isFree(wanted))) return wanted;
  for (let attempt = 0; attempt < partSize; attempt += 1) {
    const port = lowest + part * partSize + next;
    next = (next + 1) % partSize;
    if (await isFree(port)) return port;
  }
  const first = lowest + part * partSize;
  throw new Error(`no port from ${first} to ${first + partSize - 1} is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    server.close();
    await once(server, "close");
    return true;
  } catch {
    return false;
  }
}
