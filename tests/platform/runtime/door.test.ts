import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { readConfig } from "../../../src/config.ts";
import { createDoor } from "../../../src/platform/runtime/door.ts";
import type { EngineConnection, EngineTransport } from "../../../src/platform/runtime/engine-connection.ts";
import type { Packet } from "../../../src/platform/runtime/inbox.ts";
import { Refusal } from "../../../src/platform/util/errors.ts";

/** An engine's connection as far as the door looks at it. */
class FakeConnection extends EventEmitter {
  id = "c";
  readyState = "open";
  passed: string[] = [];
  written: string[] = [];
  transport: EngineTransport = this.newTransport();

  /** The engines' own method is the prototype's. */
  newTransport(): EngineTransport {
    const pass = (packet: Packet) =>
      this.passed.push(packet.type === "message" ? String(packet.data) : packet.type);
    const prototype = { onPacket: (packet: Packet) => void pass(packet) };
    return Object.assign(Object.create(prototype) as EngineTransport, {
      name: "polling",
      close: () => void this.passed.push("closed"),
    });
  }
  write(data: string) {
    this.written.push(data);
    // As an engine: what is written is announced.
    this.emit("packetCreate", { type: "message", data });
  }
  close() {
    this.readyState = "closed";
    this.emit("close");
  }
  send(...messages: (string | Uint8Array)[]) {
    for (const data of messages) this.transport.onPacket({ type: "message", data });
  }
}

interface Options {
  mayEnter?: () => Promise<Refusal | undefined>;
  maxEventBytes?: number;
}

function open({ mayEnter = async () => undefined, maxEventBytes = 1000 }: Options = {}) {
  const refused: string[] = [];
  const door = createDoor({
    bounds: { ...readConfig({}, []).door, attachmentsTimeoutMs: 20 },
    maxEventBytes,
    maxEntryBytes: 500,
    addressOf: () => "a",
    mayEnter,
    onRefused: (reason) => refused.push(reason),
  });
  const connection = new FakeConnection();
  door.guard(connection as unknown as EngineConnection);
  const enter = async (namespace = "") => {
    connection.send(`0${namespace}`);
    await waitFor("it is asked", () => connection.passed.includes(`0${namespace}`));
    connection.write(`0${namespace}{"sid":"x"}`);
  };
  return { door, connection, refused, enter };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe("the door", () => {
  test("one CONNECT for a namespace passes; a second ends the connection before it is read", async () => {
    const { connection, refused } = open();
    connection.send(...Array.from({ length: 1000 }, () => "0"));
    await waitFor("it is ended", () => connection.readyState === "closed");
    assert.deepEqual(refused, ["connect_flood"]);
    assert.ok(connection.passed.length <= 1, `${connection.passed}`);
  });

  test("a namespace that was entered and left may be entered again", async () => {
    const { connection, refused, enter } = open();
    await enter();
    connection.send("1");
    connection.passed = [];
    await enter();
    connection.write("1");
    connection.passed = [];
    await enter();
    assert.deepEqual(refused, []);
  });

  test("a transport takes no more than attempts to enter, until the client has entered", async () => {
    const { connection, enter } = open();
    assert.equal(connection.transport.maxHttpBufferSize, 500);
    await enter();
    assert.equal(connection.transport.maxHttpBufferSize, 1000);
    const webSocket = Object.assign(connection.newTransport(), { socket: { _receiver: { _maxPayload: 1 } } });
    connection.emit("upgrade", webSocket);
    assert.equal(webSocket.socket._receiver._maxPayload, 1000);
  });

  test("an attempt that was refused by Socket.IO may be made again", async () => {
    const { connection, refused } = open();
    connection.send("0/admin,{}");
    await waitFor("it is asked", () => connection.passed.length === 1);
    connection.write('4/admin,{"message":"no"}');
    connection.send("0/admin,{}");
    await waitFor("it is asked again", () => connection.passed.length === 2);
    assert.deepEqual(refused, []);
  });

  test("limits are asked before Socket.IO, and what waits for them stays in order", async () => {
    const verdict = Promise.withResolvers<undefined>();
    const { door, connection } = open({ mayEnter: () => verdict.promise });
    connection.send("0", '2["early"]');
    await nextTurn();
    assert.deepEqual(connection.passed, []);
    assert.equal(door.held().asked, 1);
    verdict.resolve(undefined);
    await waitFor("both passed", () => connection.passed.length === 2);
    assert.deepEqual(connection.passed, ["0", '2["early"]']);
    assert.equal(door.held().asked, 0);
  });

  test("an attempt whose connection is ended before the verdict never reaches Socket.IO", async () => {
    const verdict = Promise.withResolvers<undefined>();
    const { connection, refused } = open({ mayEnter: () => verdict.promise, maxEventBytes: 100 });
    // As a WebSocket, which tells a moment later that it was closed.
    connection.transport.socket = { terminate: () => {} };
    connection.send("0", ...Array.from({ length: 40 }, () => '2["early"]'));
    assert.deepEqual(refused, ["packet_flood"]);
    verdict.resolve(undefined);
    await nextTurn();
    assert.deepEqual([connection.readyState, connection.passed], ["open", []]);
  });

  test("an attempt past a limit is answered as Socket.IO would, and never reaches it", async () => {
    const refusal = new Refusal("rate_limited", "too many connections", { retryAfterMs: 5 });
    const { connection } = open({ mayEnter: async () => refusal });
    connection.send('0/admin,{"token":"x"}');
    await waitFor("it is answered", () => connection.written.length === 1);
    assert.deepEqual(connection.passed, []);
    assert.equal(
      connection.written[0],
      '4/admin,{"message":"too many connections","data":{"code":"rate_limited","message":"too many connections","retryAfterMs":5}}',
    );
  });

  test("a limit that can't be asked ends the connection", async () => {
    const { connection } = open({ mayEnter: () => Promise.reject(new Error("no")) });
    connection.send("0");
    await waitFor("it is ended", () => connection.readyState === "closed");
    assert.deepEqual(connection.passed, []);
  });

  for (const [what, messages, reason] of [
    ["a CONNECT of more than 16 KiB", [`0{"x":"${"y".repeat(20_000)}"}`], "large_connect"],
    ["a namespace with a long name", [`0/${"x".repeat(300)},`], "large_connect"],
    ["an event before a CONNECT", ['2["x"]'], "protocol"],
    ["binary data before a CONNECT", [new Uint8Array(1)], "attachments"],
    ["attachments before a CONNECT", ['51-["x",{"_placeholder":true,"num":0}]'], "protocol"],
  ] as const) {
    test(`${what} ends the connection`, () => {
      const { connection, refused } = open();
      connection.send(...messages);
      assert.deepEqual([refused, connection.passed, connection.readyState], [[reason], [], "closed"]);
    });
  }

  test("namespaces of one connection are few", async () => {
    const { connection, refused } = open();
    for (let count = 0; count < 40 && connection.readyState === "open"; count += 1) {
      connection.send(`0/n${count},`);
      await nextTurn();
    }
    assert.deepEqual(refused, ["connect_flood"]);
    assert.equal(connection.passed.length, 16);
  });

  test("a connection whose attempts fail again and again is ended", async () => {
    const { connection, refused } = open();
    for (let count = 0; count < 40 && connection.readyState === "open"; count += 1) {
      connection.send("0/admin,{}");
      await nextTurn();
      connection.write('4/admin,{"message":"invalid credentials"}');
    }
    assert.deepEqual(refused, ["connect_flood"]);
    assert.equal(connection.passed.length, 20);
  });

  const header = (count: number) => `5${count}-["x",{"_placeholder":true,"num":0}]`;

  test("attachments that come pass, and nothing is kept for them", async () => {
    const { door, connection, refused, enter } = open();
    await enter();
    connection.send(header(2), new Uint8Array(10));
    assert.equal(door.held().unfinished, 1);
    connection.send(new Uint8Array(10));
    assert.equal(door.held().unfinished, 0);
    assert.equal(connection.passed.length, 4);
    assert.deepEqual(refused, []);
  });

  for (const [what, messages] of [
    ["more attachments than there may be", [header(11)]],
    ["no number of attachments", ['5-["x"]']],
    ["more bytes than an event may have", [header(2), new Uint8Array(600), new Uint8Array(600)]],
    ["an attachment that was not announced", [new Uint8Array(1)]],
    ["a second event before the attachments of the first", [header(2), header(1)]],
  ] as const) {
    test(`${what}: the connection is ended at once`, async () => {
      const { door, connection, refused, enter } = open();
      await enter();
      connection.send(...messages);
      assert.deepEqual([refused, connection.readyState], [["attachments"], "closed"]);
      assert.equal(door.held().unfinished, 0);
    });
  }

  test("attachments that never come: the connection is ended when their time is over", async () => {
    const { door, connection, refused, enter } = open();
    await enter();
    connection.send(header(3), new Uint8Array(1));
    assert.equal(connection.readyState, "open");
    await waitFor("it is ended", () => connection.readyState === "closed");
    assert.deepEqual(refused, ["attachments"]);
    assert.equal(door.held().unfinished, 0);
  });

  test("a pong that no ping asked for does nothing", () => {
    const { connection } = open();
    for (let count = 0; count < 10; count += 1) connection.transport.onPacket({ type: "pong" });
    assert.deepEqual(connection.passed, []);
    connection.emit("packetCreate", { type: "ping" });
    for (let count = 0; count < 10; count += 1) connection.transport.onPacket({ type: "pong" });
    assert.deepEqual(connection.passed, ["pong"]);
  });

  test("while packets wait the WebSocket is not read any further", async () => {
    const { connection, enter } = open();
    await enter();
    const seen: string[] = [];
    connection.transport.socket = { pause: () => seen.push("pause"), resume: () => seen.push("resume") };
    connection.send(...Array.from({ length: 40 }, (_, index) => `2["${index}"]`));
    assert.deepEqual(seen, ["pause"]);
    await waitFor("all passed", () => connection.passed.includes('2["39"]'));
    assert.deepEqual(seen, ["pause", "resume"]);
  });

  test("an upgrade is asked for once, and keeps the order of what came by the old transport", async () => {
    const { connection, refused, enter } = open();
    await enter();
    connection.passed = [];
    connection.send(...Array.from({ length: 40 }, (_, index) => `2["${index}"]`));
    const transport = connection.newTransport();
    connection.emit("upgrading", transport);
    transport.onPacket({ type: "upgrade" });
    connection.transport = transport;
    connection.emit("upgrade", transport);
    connection.send('2["after"]');
    await waitFor("all passed", () => connection.passed.includes('2["after"]'));
    const events = connection.passed.filter((each) => each.startsWith("2"));
    assert.deepEqual(events.slice(0, 3), ['2["0"]', '2["1"]', '2["2"]']);
    assert.deepEqual(events.slice(-2), ['2["39"]', '2["after"]']);
    assert.deepEqual(refused, []);
  });

  test("a second probe of a transport closes that transport", () => {
    const { connection, refused } = open();
    const transport = connection.newTransport();
    connection.emit("upgrading", transport);
    for (let count = 0; count < 3; count += 1) transport.onPacket({ type: "ping", data: "probe" });
    assert.deepEqual(connection.passed, ["closed", "closed", "closed"]);
    assert.deepEqual(refused, ["protocol", "protocol", "protocol"]);
  });
});
