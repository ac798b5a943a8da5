import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, test } from "node:test";
import { pino } from "pino";
import { createSlowClientGuard } from "../../../src/platform/gateway/slow-clients.ts";

/** As both engines do it: create a packet, then flush if the transport can write. */
class Connection extends EventEmitter {
  id = "c";
  closed = 0;
  transport: { writable: boolean; socket?: { terminate?: () => void; getBufferedAmount?: () => number } } = {
    writable: true,
  };
  writeBuffer: { data: string }[] = [];
  send(bytes: number): void {
    const packet = { data: "x".repeat(bytes) };
    this.emit("packetCreate", packet);
    this.writeBuffer.push(packet);
    if (!this.transport.writable) return;
    const packets = this.writeBuffer;
    this.writeBuffer = [];
    this.emit("flush", packets);
  }
  close(): void {
    this.closed += 1;
  }
}

describe("slow clients", () => {
  const log = pino({ level: "silent" });
  const guarded = () => {
    const connection = new Connection();
    createSlowClientGuard({ maxBufferedBytes: 40_000, log, onDisconnect: () => {} }).watch(connection);
    return connection;
  };

  test("one that reads can be sent any amount", () => {
    const connection = guarded();
    for (let count = 0; count < 1000; count += 1) connection.send(500);
    assert.equal(connection.closed, 0);
  });

  test("one that does not is closed at its bound", () => {
    const connection = guarded();
    connection.transport.writable = false;
    let sent = 0;
    while (connection.closed === 0 && sent < 400_000) connection.send((sent += 1000) && 1000);
    assert.ok(sent > 40_000 && sent <= 60_000, String(sent));
  });

  test("what a poll took away counts until the next one comes", () => {
    const connection = guarded();
    for (let count = 0; count < 30; count += 1) connection.writeBuffer.push({ data: "x".repeat(1000) });
    connection.send(1000);
    connection.transport.writable = false;
    let sent = 0;
    while (connection.closed === 0 && sent < 400_000) connection.send((sent += 1000) && 1000);
    assert.ok(sent <= 30_000, String(sent));
  });

  test("one large document does not count against it", () => {
    const connection = guarded();
    connection.send(500_000);
    connection.transport.writable = false;
    connection.send(2000);
    assert.equal(connection.closed, 0);
  });

  test("a WebSocket that knows what it keeps is asked, and cut off", () => {
    const connection = guarded();
    const socket = { buffered: 0, cut: 0 };
    connection.transport.socket = {
      getBufferedAmount: () => socket.buffered,
      terminate: () => void (socket.cut += 1),
    };
    for (; socket.cut === 0 && socket.buffered < 400_000; socket.buffered += 3000) connection.send(3000);
    assert.equal(socket.cut, 1);
    assert.ok(socket.buffered <= 63_000, String(socket.buffered));
  });
});
