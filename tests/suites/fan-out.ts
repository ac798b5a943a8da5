import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, test } from "node:test";
import { type Socket, io } from "socket.io-client";
import { waitFor } from "../../deploy/local/process.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { type Program, startProgram } from "../support/program.ts";
import { openRawClient } from "../bench/load/raw-client.ts";
import { createRandom } from "../support/random.ts";
import type { Operation } from "../support/room-server.ts";

const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
const rooms = ["red", "green", "blue"];
const turns = 60;

const transportsOf = (name: string): string[] => {
  if (name === "g") return ["polling"];
  // Comes by polling, and is upgraded while events come.
  return name === "h" ? ["polling", "websocket"] : ["websocket"];
};

/** What happens, turn by turn: the same for the same seed. */
function script(seed: number): Operation[][] {
  const random = createRandom(seed);
  const { pick } = random;
  const chance = (share: number) => random.between(0, 1) < share;
  const some = <T>(from: readonly T[], share: number): T[] => from.filter(() => chance(share));
  let count = 0;
  const emit = (volatile: boolean): Operation => {
    const kind = random.between(0, 1);
    return {
      do: "emit",
      rooms: kind < 0.6 ? [pick(rooms)] : kind < 0.9 ? some(rooms, 0.6) : [],
      exceptClients: chance(0.5) ? [] : some(names, pick([0.1, 0.3])),
      exceptRooms: chance(0.8) ? [] : [pick(rooms)],
      value: `${volatile ? "volatile" : "kept"} ${(count += 1)}`,
      bytes: chance(0.3) ? pick([1, 100, 125, 126, 70_000]) : 0,
      volatile,
    };
  };
  const operation = (): Operation => {
    const kind = random.between(0, 1);
    if (kind < 0.2)
      return { do: pick(["join", "join", "leave"] as const), client: pick(names), room: pick(rooms) };
    if (kind < 0.3) return { do: "direct", client: pick(names), value: (count += 1) };
    if (kind < 0.35) return { do: "acknowledged", room: pick(rooms), value: (count += 1) };
    if (kind < 0.38) return { do: pick(["listen", "unlisten"] as const), client: pick(names) };
    return emit(false);
  };
  return Array.from({ length: turns }, () => [
    // Nothing waits to be written at the start of a turn: then nobody misses a volatile event.
    ...(chance(0.3) ? [emit(true)] : []),
    ...Array.from({ length: 1 + random.index(12) }, operation),
  ]);
}

/** Everything each client was sent, in order, when all of the script has happened. */
async function perform(runtime: RuntimeName, fastPaths: "on" | "off", seed: number) {
  const server: Program = await startProgram({
    runtime,
    file: "../support/room-server.ts",
    env: { FAST_PATHS: fastPaths },
  });
  const received = new Map<string, unknown[]>();
  const sockets: Socket[] = [];
  try {
    const port = await server.call<number>("port");
    for (const name of names) {
      const socket = io(`http://127.0.0.1:${port}`, {
        transports: transportsOf(name),
        auth: { name },
        forceNew: true,
        reconnection: false,
      });
      sockets.push(socket);
      const events: unknown[] = [];
      received.set(name, events);
      socket.onAny((event: string, ...args: unknown[]) => {
        if (event === "mode") return;
        const acknowledge = args.at(-1);
        if (typeof acknowledge === "function") acknowledge("yes");
        events.push([event, ...args.map(comparable)]);
      });
      await waitFor(`${name} is connected`, () => socket.connected);
    }
    for (const [turn, operations] of script(seed).entries()) {
      const ends = names.map((client): Operation => ({ do: "direct", client, value: `end of turn ${turn}` }));
      await server.call("run", [...operations, ...ends]);
      const isOver = (name: string) =>
        JSON.stringify(received.get(name)?.at(-1))?.includes(`end of turn ${turn}"`);
      await waitFor(`turn ${turn} has come to all`, () => names.every(isOver));
    }
    const outgoing = await server.call<unknown[]>("outgoing");
    return { received: Object.fromEntries(received), outgoing };
  } finally {
    for (const socket of sockets) socket.disconnect();
    await server.stop();
  }
}

/** Offsets without the server's start; bytes as their number. */
function comparable(value: unknown): unknown {
  if (typeof value === "string") return value.replace(/^\d{13}-/, "offset ");
  if (typeof value === "function") return "acknowledgement";
  return value instanceof Uint8Array || value instanceof ArrayBuffer ? { bytes: value.byteLength } : value;
}

/** Without what a client that polls may miss, as it does not poll at every moment. */
function kept({ received }: { received: Record<string, unknown[]> }, name: string): unknown[] | undefined {
  if (!transportsOf(name).includes("polling")) return received[name];
  return received[name]?.filter((event) => !JSON.stringify(event).includes('"volatile'));
}

/** Fast paths send everyone the same, in the same order, as Socket.IO's own way. */
export function fanOutSuite(runtime: RuntimeName): void {
  describe("fan-out", () => {
    test("a WebSocket that is closed by its client is closed in kind", async () => {
      const server = await startProgram({ runtime, file: "../support/room-server.ts" });
      try {
        const port = await server.call<number>("port");
        const ws = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
        await once(ws, "message");
        ws.close(1000, "done");
        const [{ code, wasClean }] = (await once(ws, "close")) as [CloseEvent];
        assert.deepEqual({ code, wasClean }, { code: 1000, wasClean: true });
      } finally {
        await server.stop();
      }
    });

    test("a client that is behind gets everything in order", async () => {
      const env = { MAX_BUFFERED_BYTES: "100000000" };
      const server = await startProgram({ runtime, file: "../support/room-server.ts", env });
      const values: number[] = [];
      try {
        const client = await openRawClient(0, {
          port: await server.call<number>("port"),
          path: "/socket.io/?EIO=4&transport=websocket",
          connectPacket: '40{"name":"slow"}',
          onEvent: (_, payload) => {
            const value = /^42\["(?:event|direct)","n(\d+)"/.exec(payload.toString("latin1"))?.[1];
            if (value !== undefined) values.push(Number(value));
          },
        });
        const toAll = (value: string, bytes: number): Operation => ({
          do: "emit",
          rooms: ["red"],
          exceptRooms: [],
          exceptClients: [],
          value,
          bytes,
          volatile: false,
        });
        await server.call("run", [{ do: "join", client: "slow", room: "red" }] satisfies Operation[]);
        client.pause();
        // More than the system keeps for it.
        for (let count = 0; count < 30; count += 1)
          await server.call(
            "run",
            Array.from({ length: 10 }, () => toAll("large", 60_000)),
          );
        const mixed = Array.from({ length: 100 }, (_, index): Operation =>
          index % 2 === 0 ? { do: "direct", client: "slow", value: `n${index}` } : toAll(`n${index}`, 0),
        );
        await server.call("run", mixed);
        client.resume();
        await waitFor("all have come", () => values.length === mixed.length);
        assert.deepEqual(values, [...mixed.keys()]);
        client.close();
      } finally {
        await server.stop();
      }
    });

    for (const seed of [1, 2]) {
      test(`is as Socket.IO's own, whatever happens (seed ${seed})`, async () => {
        const [fast, plain] = await Promise.all([
          perform(runtime, "on", seed),
          perform(runtime, "off", seed),
        ]);
        for (const name of names) assert.deepEqual(kept(fast, name), kept(plain, name), name);
        assert.deepEqual(fast.outgoing, plain.outgoing);
        assert.ok(
          Object.values(plain.received).every((events) => events.length > turns),
          "something happened",
        );
      });
    }
  });
}
