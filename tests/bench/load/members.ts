import { sharedMs } from "../clock.ts";
import { serveCommands } from "../../support/commands.ts";
import { type RawClient, openRawClient } from "./raw-client.ts";

/* Many members of rooms, who count what they are sent. */

export interface Members {
  port: number;
  count: number;
  /** Members go to `room-0`, `room-1` and so on in turn. */
  rooms: number;
  query?: string;
}

const openedTogether = 100;

const clients: RawClient[] = [];
let received = 0;
let awaited: { count: number; resolve: (at: number) => void } | undefined;

function onEvent(): void {
  received += 1;
  if (awaited && received >= awaited.count) {
    awaited.resolve(sharedMs());
    awaited = undefined;
  }
}

serveCommands({
  async open({ port, count, rooms, query = "" }: Members) {
    const end = clients.length + count;
    while (clients.length < end) {
      const from = clients.length;
      const size = Math.min(openedTogether, end - from);
      const opened = await Promise.all(
        Array.from({ length: size }, (_, offset) => {
          const path = `/socket.io/?EIO=4&transport=websocket&room=room-${(from + offset) % rooms}${query}`;
          return openRawClient(from + offset, { port, path, onEvent });
        }),
      );
      clients.push(...opened);
    }
  },
  /** Counts from zero. What came before, such as the greeting of a server, is over then. */
  reset() {
    received = 0;
  },
  received: () => received,
  /** When all of these had come, in milliseconds of the machine's clock. */
  until: ({ count, withinMs }: { count: number; withinMs: number }) =>
    received >= count
      ? sharedMs()
      : new Promise<number>((resolve, reject) => {
          const timer = setTimeout(
            () => reject(new Error(`${received} of ${count} came within ${withinMs} ms`)),
            withinMs,
          );
          awaited = {
            count,
            resolve(at) {
              clearTimeout(timer);
              resolve(at);
            },
          };
        }),
  close() {
    for (const client of clients.splice(0)) client.close();
  },
});
