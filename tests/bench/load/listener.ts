import { once } from "node:events";
import { type AddressInfo, type Socket, createServer } from "node:net";
import { sharedMs } from "../clock.ts";
import { serveCommands } from "../../support/commands.ts";
import { textAt } from "../servers/payloads.ts";
import { kinds } from "../servers/stream-commands.ts";
import { openRawClient } from "./raw-client.ts";

/* One member of a room: how many messages reach it, and how long they took. See servers/stream-commands.ts. */

const [probe, stamped, flood] = [kinds.probe, kinds.stamped, kinds.flood].map((kind) => kind.charCodeAt(0));

let isReached = false;
let received = 0;
let latenciesMs: number[] = [];
let awaited: { count: number; resolve: (at: number) => void } | undefined;

const followers = new Set<Socket>();
const progress = createServer((socket) => {
  followers.add(socket);
  socket.on("error", () => {});
  socket.on("close", () => followers.delete(socket));
}).listen(0, "127.0.0.1");
await once(progress, "listening");

let isToldSoon = false;
/** Once for all that came together. */
function tellFollowers(): void {
  isToldSoon = false;
  const count = Buffer.alloc(4);
  count.writeUInt32BE(received);
  for (const socket of followers) socket.write(count);
}

function onEvent(_client: unknown, payload: Buffer): void {
  const kind = payload[textAt];
  if (kind === probe) isReached = true;
  if (kind === stamped)
    latenciesMs.push(sharedMs() - Number.parseFloat(payload.toString("latin1", textAt + 1)));
  if (kind !== stamped && kind !== flood) return;
  received += 1;
  if (!isToldSoon && followers.size > 0) {
    isToldSoon = true;
    setImmediate(tellFollowers);
  }
  if (awaited && received >= awaited.count) {
    awaited.resolve(sharedMs());
    awaited = undefined;
  }
}

serveCommands({
  open: async ({ port }: { port: number }) => {
    await openRawClient(0, { port, path: "/socket.io/?EIO=4&transport=websocket&room=room-0", onEvent });
  },
  progressPort: () => (progress.address() as AddressInfo).port,
  isReached: () => isReached,
  reset() {
    received = 0;
    latenciesMs = [];
  },
  received: () => received,
  latenciesMs: () => latenciesMs,
  /** When so many had come, on the machine's shared clock; undefined if they did not within the time. */
  until: ({ count, withinMs }: { count: number; withinMs: number }) =>
    received >= count
      ? sharedMs()
      : new Promise<number | undefined>((resolve) => {
          const timer = setTimeout(() => resolve(undefined), withinMs);
          awaited = {
            count,
            resolve(at) {
              clearTimeout(timer);
              resolve(at);
            },
          };
        }),
});
