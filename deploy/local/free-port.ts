import { once } from "node:events";
import { type Server, createServer } from "node:net";

/**
 * Below the ports that systems give to outgoing connections (from 32768 on Linux, from 49152 elsewhere): a program that
 * listens on one of these, stops and starts again finds it free.
 */
const lowest = 15_000;
const highest = 32_000;
/**
 * A port is free until the program that was given it listens, so programs that run at the same time must not be given
 * the same. Each takes a part of the range for itself, by listening on the part's first port until it ends.
 */
const partSize = 100;
const partCount = Math.floor((highest - lowest) / partSize);
let part: Promise<number> | undefined;
/** A program goes round in its part: a port that was given and is not listened on yet comes again only after all others. */
let next = 1;

/** @returns a free port on loopback: the `wanted` one, if it is free. */
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
    if (!server) continue;
    // Listening must not keep the program from ending.
    server.unref();
    return first;
  }
  throw new Error(`no part of the ports from ${lowest} to ${highest} is free`);
}

/** @returns undefined where another program listens, or where this one has no right to. */
async function listen(port: number): Promise<Server | undefined> {
  // A connection that stays open would keep the program from ending.
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
