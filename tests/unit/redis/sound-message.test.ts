import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isSoundMessage } from "../../../src/redis/sound-message.ts";

const opts = { rooms: ["a"], except: [] };
const packet = { type: 2, data: ["event", 1] };
const message = (type: number, data?: unknown) => ({ uid: "x", nsp: "/", type, data });

describe("isSoundMessage", () => {
  const sound: object[] = [
    message(1),
    message(2),
    message(3, { packet, opts }),
    message(3, {
      packet,
      opts: { ...opts, flags: { volatile: true, number: 7, once: "k" } },
      requestId: "r",
    }),
    message(4, { opts, rooms: ["b"] }),
    message(5, { opts, rooms: ["b"] }),
    message(6, { opts, close: true }),
    message(7, { opts, requestId: "r" }),
    message(8, { requestId: "r", sockets: [{ id: "s", rooms: [], data: {}, handshake: {} }] }),
    message(9, { packet: ["event", 1] }),
    message(10, { requestId: "r", packet: 1 }),
    message(11, { requestId: "r", clientCount: 3 }),
    message(12, { requestId: "r", packet: 1 }),
    message(13),
  ];
  const unsound: unknown[] = [
    undefined,
    null,
    7,
    [],
    {},
    { ...message(3, { packet, opts }), uid: 7 },
    { ...message(3, { packet, opts }), nsp: undefined },
    message(0),
    message(99, {}),
    message(Number.NaN, {}),
    message(3),
    message(3, {}),
    message(3, { packet: { type: 2, data: [] }, opts }),
    message(3, { packet: { type: 3, data: ["event"] }, opts }),
    message(3, { packet: { type: 2, data: "event" }, opts }),
    message(3, { packet, opts: { rooms: "a", except: [] } }),
    message(3, { packet, opts: { rooms: [7], except: [] } }),
    message(3, { packet, opts: { rooms: [] } }),
    message(3, { packet, opts: { ...opts, flags: 7 } }),
    message(3, { packet, opts: { ...opts, flags: { number: "7" } } }),
    message(3, { packet, opts, requestId: 7 }),
    message(4, { opts, rooms: "b" }),
    message(6, { opts: undefined }),
    message(7, { opts }),
    message(8, { requestId: "r", sockets: [{}] }),
    message(9, { packet: {} }),
    message(9, { packet: [7] }),
    message(11, { requestId: "r", clientCount: "3" }),
  ];

  test("takes all that the adapter writes", () => {
    for (const each of sound) assert.ok(isSoundMessage(each), JSON.stringify(each));
  });

  test("takes nothing else", () => {
    for (const each of unsound) assert.ok(!isSoundMessage(each), JSON.stringify(each));
  });
});
