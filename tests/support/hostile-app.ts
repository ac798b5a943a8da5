import { setTimeout as delay } from "node:timers/promises";
import { pino } from "pino";
import type { Server, Socket } from "socket.io";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import * as listed from "../../src/features.ts";
import { listFeatures } from "../../src/platform/contract/define.ts";
import { selectRuntime } from "../../src/platform/runtime/select.ts";
import { logUncaught } from "../../src/platform/observability/uncaught.ts";
import { serveCommands } from "./commands.ts";
import { bigInt, cycle, deepArray, getterThatThrows, hostileUser, protoKey } from "./hostile-values.ts";
import { talkFeature } from "./talk/server.ts";

/* The real server, with an app on it that makes every mistake it can. */

const config = readConfig({ HOST: "127.0.0.1", PORT: "0", ...process.env });
const log = pino({ level: "info" }, pino.destination(2));
const features = [...listFeatures(listed), talkFeature];
const app = createApp(config, { log, runtime: await selectRuntime(config), features });
logUncaught({ log, count: app.observability.metrics.countUncaught });
const io = app.io as unknown as Server;
process.on("SIGTERM", () => void app.close().then(() => process.exit(0)));

const isHostile = (socket: Socket) => socket.data.user?.id === hostileUser;
function fail(what: string): never {
  throw new Error(`${what} that throws`);
}

io.use((socket, next) => (socket.handshake.auth["name"] === "a middleware" ? fail("a middleware") : next()));
io.on("connect", (socket) => void (isHostile(socket) && fail("a connect listener")));
io.on("connection", (socket) => {
  if (!isHostile(socket)) return;
  socket.on("throws", () => fail("a handler"));
  socket.on("rejects", () => Promise.reject(new Error("a handler that rejects")));
  socket.on("hangs", () => new Promise(() => {}));
  socket.on("answers", (reply: (value: unknown) => void) => reply(cycle()));
  socket.on("disconnecting", () => fail("a disconnecting listener"));
  socket.onAnyOutgoing(() => fail("an outgoing listener"));
  fail("a connection listener");
});
for (const event of ["create-room", "join-room", "leave-room", "delete-room"])
  io.of("/").adapter.on(event, (room) => void (room === "trap" && fail(`a ${event} listener`)));
// A namespace of the app's own, with users of its own; nothing of this project's is in their data.
io.of("/own").on("connection", (socket) => {
  const isFirst = socket.nsp.sockets.size === 1;
  socket.data = isFirst ? { user: { id: hostileUser } } : null;
});
// Namespaces that are made when a client asks for them.
io.of(/^\/child-throws/).use(() => fail("a middleware"));
io.of(/^\/child-rejects/).use(() => Promise.reject(new Error("a middleware that rejects")));
const parent = io.of((name, _auth, next) =>
  name === "/function-throws" ? fail("a function") : next(null, name.startsWith("/child")),
);
parent.use((_, next) => next(Object.assign(new Error("of the app"), { data: cycle() })));
// Questions of other replicas.
io.on("throwing", () => fail("a listener of another replica's event"));
io.on("unencodable", (reply: (value: unknown) => void) => reply(cycle()));
io.on("late", (reply: (value: unknown) => void) => setTimeout(() => reply(bigInt), 10));
io.on("well", (reply: (value: unknown) => void) => reply("well"));

const hostile = () => [...io.sockets.sockets.values()].find(isHostile) ?? fail("no hostile client");
const rooms = Array.from({ length: 10_001 }, (_, index) => `room-${index}`);
const question = () => io.timeout(500);
const event = "said";
const room = (value: unknown) => value as string;

const mistakes: Record<string, () => unknown> = {
  "join a number": () => hostile().join(room(42)),
  "join an object": () => hostile().join(room({})),
  "join undefined": () => hostile().join(room(undefined)),
  "replace its data": () => (hostile().data = {}),
  "replace its user": () => (hostile().data.user = { id: "x" }),
  "replace the user's permissions": () => (hostile().data.user.documents["*"] = "write"),
  "replace its name": () => (hostile().data.name = cycle()),
  "remove its address": () => delete hostile().data.address,
  "leave a number": () => hostile().leave(room(42)),
  "join with trapped listeners": async () => {
    await hostile().join("trap");
    hostile().leave("trap");
  },
  "emit to a number": () => io.to(room(42)).emit(event, 1),
  "emit except an object": () => io.except(room({})).emit(event, 1),
  "emit to 10,001 rooms": () => io.to(rooms).emit(event, 1),
  "sockets join an object": () => io.socketsJoin([room({})]),
  "sockets join 10,001 rooms": () => io.socketsJoin(rooms),
  "sockets leave a number": () => io.socketsLeave(room(42)),
  "fetch sockets of a number": () => io.in(room(42)).fetchSockets(),
  "disconnect nobody": () => io.in("nobody").disconnectSockets("yes" as unknown as boolean),
  "emit a number as event": () => io.emit(42 as unknown as string),
  "emit a cycle": () => io.emit(event, cycle()),
  "emit a BigInt": () => io.emit(event, bigInt),
  "emit a getter that throws": () => io.emit(event, getterThatThrows()),
  "emit bytes with a __proto__": () => io.emit(event, { bytes: new Uint8Array(1), inside: protoKey() }),
  "emit bytes nested too deep": () => io.emit(event, { bytes: new Uint8Array(1), inside: deepArray(150) }),
  "emit a cycle to one client": () => hostile().emit(event, cycle()),
  "emit what becomes a cycle": () => {
    const value = { documentId: "x", id: "x", from: "x", text: "x", self: {} };
    io.to("nobody").emit(event, value);
    value.self = value;
  },
  "emit a cycle to replicas": () => io.serverSideEmit("well", cycle()),
  "emit a __proto__ to replicas": () => io.serverSideEmit("well", protoKey()),
  "emit a number to replicas": () => io.serverSideEmit(42 as unknown as string),
  "ask a cycle of clients": () => question().emitWithAck("asked", cycle()),
  "ask a cycle of replicas": () => io.serverSideEmitWithAck("well", cycle()),
  "throw in a callback": () => {
    io.serverSideEmit("well", () => fail("a callback"));
    question().emit("asked", () => fail("a callback"));
  },
  "throw in a timer": () => void setTimeout(() => fail("a timer")),
  "reject without a listener": () => void Promise.reject(new Error("without a listener")),
  "throw no error": () => void Promise.reject(Object.create(null)),
};

const questions: Record<string, () => Promise<unknown>> = {
  clients: () => question().emitWithAck("asked"),
  replicas: () => io.serverSideEmitWithAck("well"),
  "replicas that throw": () => io.serverSideEmitWithAck("throwing"),
  "replicas that answer a cycle": () => io.serverSideEmitWithAck("unencodable"),
  "replicas that answer a BigInt late": () => io.serverSideEmitWithAck("late"),
  sockets: async () => (await io.fetchSockets()).length,
};

const dataValues: Record<string, () => unknown> = {
  timer: () => setTimeout(() => {}, 2 ** 30),
  instance: () => new Map([[1, 2]]),
  function: () => fail,
  symbol: () => Symbol("x"),
  bigint: () => bigInt,
  cycle,
  deep: () => deepArray(150),
  proto: protoKey,
  getter: getterThatThrows,
  large: () => "x".repeat(2 ** 23),
};

/** Only ends a hang. */
const answerWithinMs = 20_000;

async function outcomeOf(work: () => unknown): Promise<string> {
  try {
    const result = await Promise.race([work(), delay(answerWithinMs, "nothing in time", { ref: false })]);
    return `returned ${JSON.stringify(result ?? null).slice(0, 200)}`;
  } catch (error) {
    return `threw ${String(error)}`;
  }
}

async function outcomesOf(all: Record<string, () => unknown>): Promise<Record<string, string>> {
  const outcomes = Object.entries(all).map(async ([name, work]) => [name, await outcomeOf(work)] as const);
  return Object.fromEntries(await Promise.all(outcomes));
}

const port = await app.listen();
serveCommands({
  port: () => port,
  /** While Redis hangs and that is not known yet, it is delivered here when its deadline has passed. */
  changeWhatWasSent: () => mistakes["emit what becomes a cycle"]?.(),
  mistakes: () => outcomesOf(mistakes),
  questions: () => outcomesOf(questions),
  handshakes: async () => (await io.fetchSockets()).map(({ id, handshake }) => ({ id, handshake })),
  /** Puts one of each into the data of the hostile client, and has its session saved. */
  async fillData() {
    const socket = hostile();
    for (const [key, value] of Object.entries(dataValues)) {
      socket.data[key] = value();
      await socket.join(`with-${key}`);
    }
  },
});
