import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, test } from "node:test";
import { pino } from "pino";
import { Server } from "socket.io";
import { Adapter } from "socket.io-adapter";
import { createLocalAdapter } from "../../../src/platform/delivery/local-adapter.ts";
import { maxRooms } from "../../../src/platform/delivery/mistakes.ts";

function createServer() {
  const lines: string[] = [];
  const log = pino({ level: "error" }, { write: (line: string) => lines.push(line) });
  const local = createLocalAdapter({
    selfHealing: new Set(),
    maxEvents: 10,
    maxBytes: 1000,
    recoveryWindowMs: 1000,
    onceKeys: { claim: () => true },
    fanOut: (adapter, packet, options) => Adapter.prototype.broadcast.call(adapter, packet, options),
    log,
  });
  const io = new Server({ adapter: local.adapter as never });
  return { io, adapter: io.of("/").adapter, offset: local.offset, lines };
}

const room = (value: unknown) => value as string;

describe("mistakes of the app without Redis: as with it, refused at its line", () => {
  test("rooms that are no strings are refused with the value and what to write", () => {
    const { io, adapter } = createServer();
    const advised = {
      name: "TypeError",
      message: /^rooms are strings: write io\.to\("42"\), not io\.to\(42\)$/,
    };
    assert.throws(() => io.to(room(42)).emit("event"), advised);
    assert.throws(() => adapter.addAll("id", new Set([room(42)])), /write socket\.join\("42"\)/);
    assert.equal(adapter.rooms.size, 0);
    for (const value of [{}, [], null, undefined, 1n, Symbol("x"), Object.create(null), () => {}]) {
      assert.throws(() => io.socketsJoin([room(value)]), TypeError);
      assert.throws(() => io.in("room").socketsLeave([room(value)] as never), TypeError);
      assert.throws(() => io.except([room(value)]).emit("event"), TypeError);
    }
    adapter.close();
  });

  test("a call names a bounded number of rooms", async () => {
    const { io, adapter } = createServer();
    const rooms = Array.from({ length: maxRooms }, (_, index) => `${index}`);
    io.to(rooms).except(rooms).emit("event");
    const tooMany = [...rooms, "one more"];
    for (const call of [
      () => io.to(tooMany).emit("event"),
      () => io.except(tooMany).emit("event"),
      () => io.socketsJoin(tooMany),
    ])
      assert.throws(call, { name: "RangeError", message: /10001 rooms, at most 10000/ });
    await assert.rejects(io.in(tooMany).fetchSockets(), RangeError);
    adapter.close();
  });

  test("what can't be encoded is neither sent nor kept for those who return", async () => {
    const { io, adapter, offset } = createServer();
    const namespace = io.of("/");
    // A namespace's own `emit` is a broadcast.
    const { emit: emitReserved } = EventEmitter.prototype;
    const before = offset();
    const member = { pid: "pid", data: {}, client: { writeToEngine() {} }, disconnect() {} };
    namespace.sockets.set("member", member as never);
    await adapter.addAll("member", new Set(["room"]));
    assert.throws(() => io.to("room").emit("event", 1n), TypeError);
    assert.throws(() => io.emit(room(42)), /event names are strings/);
    const changed: Record<string, unknown> = {};
    io.to("room").emit("event", "next", changed);
    const comesBack = async () => {
      const { data, rooms } = await adapter.restoreSession("pid", before);
      const packets: { data: unknown[] }[] = [];
      let isClosed = false;
      const packet = (each: { data: unknown[] }) => packets.push(JSON.parse(JSON.stringify(each)));
      const conn = { close: () => (isClosed = true) };
      const socket = { id: "member", data, rooms: new Set(rooms), packet, conn, on() {} };
      emitReserved.call(namespace, "connection", socket);
      return { names: packets.map((each) => each.data.slice(0, 2)), isClosed };
    };
    assert.deepEqual(await comesBack(), { names: [["event", "next"]], isClosed: false });
    // The app's own object, changed after it was sent.
    changed["self"] = changed;
    assert.deepEqual(await comesBack(), { names: [], isClosed: true });
    adapter.close();
  });

  test("a question to other replicas is answered: there are none", async () => {
    const { io, adapter } = createServer();
    assert.deepEqual(await io.serverSideEmitWithAck("question"), []);
    adapter.close();
  });

  test("a listener of rooms that throws is logged, and all rooms are joined", () => {
    const { adapter, lines } = createServer();
    const heard: string[] = [];
    adapter.on("join-room", () => {
      throw new Error("of the app");
    });
    adapter.on("join-room", (joined: string) => heard.push(joined));
    adapter.addAll("id", new Set(["a", "b"]));
    assert.deepEqual(heard, ["a", "b"]);
    assert.deepEqual([...adapter.rooms.keys()], ["a", "b"]);
    assert.equal(lines.length, 2);
    assert.match(lines[0] ?? "", /of the app/);
    adapter.close();
  });
});
