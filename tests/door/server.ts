// The first, so that the timers of all others are counted.
import { moveClock, timers } from "./counted-timers.ts";
import { pino } from "pino";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { waitingInInboxes } from "../../src/platform/runtime/inbox.ts";
import { selectRuntime } from "../../src/platform/runtime/select.ts";
import { logUncaught } from "../../src/platform/observability/uncaught.ts";
import { features } from "../support/features.ts";
import { serveCommands } from "../support/commands.ts";

/* The real server, which has a command that returns what it holds. */

/** What the server holds for its clients, beside what its metrics tell. */
export interface DoorCounts {
  timers: number;
  /** Sockets of Socket.IO and their rooms, in all namespaces; and these. */
  sockets: number;
  rooms: number;
  namespaces: number;
  /** Connections whose event is not whole. */
  unfinished: number;
  /** Attempts to enter that have no verdict yet. */
  asked: number;
  /** Connections that have not entered. */
  entering: number;
  waitingPackets: number;
  waitingBytes: number;
}

const config = readConfig({ HOST: "127.0.0.1", PORT: "0", ...process.env }, features);
const log = pino({ level: "info" }, pino.destination(2));
const app = createApp(config, { log, runtime: await selectRuntime(config), features });
logUncaught({ log, count: app.observability.metrics.countUncaught });
process.on("SIGTERM", () => void app.close().then(() => process.exit(0)));

interface CountedConnection {
  on(event: "packet", listener: () => void): unknown;
}
const engine = app.io.engine as unknown as {
  on(event: "connection", listener: (connection: CountedConnection) => void): unknown;
};
/** The most packets of one connection that were handled between two turns of the event loop. */
let mostPerTurn = 0;
engine.on("connection", (connection) => {
  let handled = 0;
  connection.on("packet", () => {
    if (handled === 0) setImmediate(() => (handled = 0));
    handled += 1;
    mostPerTurn = Math.max(mostPerTurn, handled);
  });
});

function counts(): DoorCounts {
  const namespaces = [...app.io._nsps.values()];
  const sum = (of: (namespace: (typeof namespaces)[number]) => number) =>
    namespaces.reduce((total, namespace) => total + of(namespace), 0);
  const { packets, bytes } = waitingInInboxes();
  return {
    timers: timers(),
    sockets: sum(({ sockets }) => sockets.size),
    rooms: sum(({ adapter }) => adapter.rooms.size),
    namespaces: namespaces.length,
    ...app.door.held(),
    waitingPackets: packets,
    waitingBytes: bytes,
  };
}

const port = await app.listen();
serveCommands({ port: () => port, counts, mostPerTurn: () => mostPerTurn, moveClock });
