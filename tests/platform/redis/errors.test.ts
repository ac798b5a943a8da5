import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ClientOfflineError, ErrorReply, SocketClosedUnexpectedlyError, SocketTimeoutError } from "redis";
import { DeadlineMissed } from "../../../src/platform/redis/deadline.ts";
import { LinkDown, isOfRedis, isServerTrouble, noteSocketError } from "../../../src/platform/redis/errors.ts";
import { Refusal } from "../../../src/platform/util/errors.ts";

const fromSystem = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" });

describe("errors and whom they speak of", () => {
  test("the transport's, and Redis' own replies about itself, are Redis' trouble", () => {
    for (const error of [
      fromSystem,
      new ClientOfflineError(),
      new SocketClosedUnexpectedlyError(),
      new SocketTimeoutError(1),
      new DeadlineMissed(),
      new LinkDown(),
      new ErrorReply("READONLY You can't write against a read only replica."),
      new ErrorReply("OOM command not allowed"),
    ])
      assert.deepEqual([isOfRedis(error), isServerTrouble(error)], [true, true], String(error));
  });

  test("a reply about one key is Redis', and no trouble", () => {
    for (const text of ["WRONGTYPE Operation", "ERR value is not an integer", "NOSCRIPT No matching script"])
      assert.deepEqual(
        [isOfRedis(new ErrorReply(text)), isServerTrouble(new ErrorReply(text))],
        [true, false],
      );
    assert.equal(isServerTrouble(new Refusal("unavailable", "Redis is down")), false);
  });

  test("mistakes are neither, whatever their text and code", () => {
    const ofNode = Object.assign(new TypeError("x"), { code: "ERR_INVALID_ARG_TYPE" });
    for (const error of [
      new TypeError("room.startsWith is not a function"),
      new RangeError("Maximum call stack size exceeded"),
      new Error("Too deep objects in depth 101"),
      new Error("READONLY"),
      ofNode,
      "text",
      undefined,
    ])
      assert.deepEqual([isOfRedis(error), isServerTrouble(error)], [false, false], String(error));
  });

  test("what came by a client's socket is Redis', also without a code", () => {
    const error = new Error("handshake failure");
    assert.equal(isServerTrouble(error), false);
    noteSocketError(error);
    assert.equal(isServerTrouble(error), true);
  });
});
