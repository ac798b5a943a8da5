import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pino } from "pino";
import { createMalformed } from "../../../src/platform/redis/malformed.ts";
import { isPubSubMessage } from "../../../src/platform/redis/messages.ts";
import { isSoundPush } from "../../../src/platform/contract/compose.ts";
import { composeApp } from "../../../src/platform/gateway/contract.ts";
import { createSequences } from "../../../src/platform/redis/sequences.ts";
import { talkFeature } from "../../support/talk/server.ts";

const contract = composeApp([talkFeature]);
const isSound = (push: string, payload: unknown) => isSoundPush(contract, push, payload, "/");

const uid = "0123456789abcdef";
const opts = { rooms: [], except: [] };

describe("what is malformed in Redis", () => {
  test("is counted each time, and logged so often, with how much more there was", () => {
    let time = 0;
    const lines: { source: string; moreBefore?: number }[] = [];
    const counts: string[] = [];
    const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line)) });
    const report = createMalformed(
      log,
      (source) => counts.push(source),
      () => time,
    );
    for (let index = 0; index < 1000; index += 1) report("stream", {});
    report("session", {});
    time = 10_000;
    report("stream", {});
    assert.equal(counts.length, 1002);
    assert.deepEqual(
      lines.map(({ source, moreBefore }) => [source, moreBefore]),
      [
        ["stream", undefined],
        ["session", undefined],
        ["stream", 999],
      ],
    );
  });

  test("messages by pub/sub are taken in the official adapter's shapes alone", () => {
    const message = (type: unknown, data: unknown, more: object = {}) => ({
      uid,
      nsp: "/",
      type,
      data,
      ...more,
    });
    const requestId = "x";
    const taken = [
      message(9, { packet: ["presence", "id"] }),
      message(7, { requestId, opts }),
      message(3, { requestId, opts, packet: { type: 2, data: ["event"] } }),
      message(8, { requestId, sockets: [{ id: "a", rooms: ["b"], handshake: {}, data: {} }] }),
      message(10, { requestId, packet: 1 }),
      message(11, { requestId, clientCount: 0 }),
      message(12, { requestId, packet: [] }),
    ];
    for (const each of taken) assert.ok(isPubSubMessage(each, "/"), JSON.stringify(each));
    const dropped = [
      null,
      1,
      "x",
      [],
      {},
      ...taken.flatMap((each) => [
        { ...each, uid: 1 },
        { ...each, nsp: "/other" },
        { ...each, type: 99 },
        { ...each, data: null },
      ]),
      message(9, { packet: "presence" }),
      message(9, { packet: [{}] }),
      message(9, { packet: ["connection", {}] }),
      message(9, { packet: ["presence"], requestId: {} }),
      message(7, { requestId }),
      message(7, { opts }),
      message(3, { opts, packet: { type: 2, data: ["event"] } }),
      message(8, { requestId, sockets: [null] }),
      message(8, { requestId, sockets: [{ id: "a", rooms: 5, handshake: {}, data: {} }] }),
      message(8, { requestId, sockets: [{ id: "a", rooms: [], handshake: {}, data: null }] }),
      message(11, { requestId, clientCount: "many" }),
    ];
    for (const each of dropped) assert.ok(!isPubSubMessage(each, "/"), JSON.stringify(each));
  });

  test("events of other replicas go to clients only as the contract has them", () => {
    const documentId = "d";
    const text = { documentId, id: "1", from: "a", text: "t" };
    assert.ok(isSound("said", text));
    assert.ok(isSound("put-here", { documentId, data: new Uint8Array([1, 200]) }));
    assert.ok(!isSound("put-here", { documentId, data: "x" }));
    assert.ok(!isSound("said", { ...text, from: 1 }));
    assert.ok(!isSound("say", text));
    for (const event of ["no-such-event", "constructor", "__proto__"]) assert.ok(!isSound(event, text));
    for (const payload of [null, undefined, 1, []]) assert.ok(!isSound("receive-presence", payload));
  });

  test("a publisher is known by what was read of it", () => {
    const sequences = createSequences();
    assert.ok(!sequences.knows(uid));
    sequences.judge(uid, 1);
    assert.ok(sequences.knows(uid));
  });
});
