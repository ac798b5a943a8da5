import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, test } from "node:test";
import { pino } from "pino";
import { guardAgainstSlowClient } from "../../../src/realtime/slow-clients.ts";

/** As both engines do it: create a packet, then flush if the transport can write. */
class Connection extends EventEmitter {
  id = "c";
  closed = 0;
  transport: { writable: boolean; socket?: { terminate?: () => void; getBufferedAmount?: () => number } } = {
    writable: true,
  };
  send(bytes: number): void {
    this.emit("packetCreate", { data: "x".repeat(bytes) });
    if (this.transport.writable) this.emit("flush");
  }
  close(): void {
    this.closed += 1;
  }
}

describe("slow clients", () => {
  const log = pino({ level: "silent" });
  const guarded = () => {
    const connection = new Connection();
    guardAgainstSlowClient(connection, { maxBufferedBytes: 1000, log, onDisconnect: () => {} });
    return connection;
  };

  test("one that reads can be sent any amount", () => {
    const connection = guarded();
    for (let count = 0; count < 100; count += 1) connection.send(500);
    assert.equal(connection.closed, 0);
  });

  test("one that does not is closed at its bound", () => {
    const connection = guarded();
    connection.transport.writable = false;
    let sent = 0;
    while (connection.closed === 0 && sent < 10_000) connection.send((sent += 100) && 100);
    assert.ok(sent > 1000 && sent <= 1300, String(sent));
  });

  test("one large document does not count against it", () => {
    const connection = guarded();
    connection.send(50_000);
    connection.transport.writable = false;
    connection.send(200);
    assert.equal(connection.closed, 0);
  });

  test("a WebSocket that knows what it keeps is asked, and cut off", () => {
    const connection = guarded();
    const socket = { buffered: 0, cut: 0 };
    connection.transport.socket = {
      getBufferedAmount: () => socket.buffered,
      terminate: () => void (socket.cut += 1),
    };
    for (; socket.cut === 0 && socket.buffered < 10_000; socket.buffered += 300) connection.send(300);
    assert.equal(socket.cut, 1);
    assert.ok(socket.buffered <= 1800, String(socket.buffered));
  });
});
