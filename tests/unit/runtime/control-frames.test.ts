import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { boundControlFrames } from "../../../src/runtime/control-frames.ts";

describe("pings and pongs of a WebSocket", () => {
  function open() {
    const seen = { ended: 0, refused: [] as string[], now: 0 };
    const note = boundControlFrames(
      (reason) => seen.refused.push(reason),
      () => seen.now,
    );
    const webSocket = { terminate: () => void (seen.ended += 1) };
    return { seen, note: () => note(webSocket) };
  }

  test("a hundred in ten seconds are taken; with one more the WebSocket is ended, and counted once", () => {
    const { seen, note } = open();
    for (let frame = 0; frame < 100; frame += 1) assert.equal(note(), true);
    assert.equal(seen.ended, 0);
    for (let frame = 0; frame < 10_000; frame += 1) assert.equal(note(), false);
    assert.deepEqual([seen.ended, seen.refused], [1, ["control_frames"]]);
  });

  test("a client that pings once a second is never ended", () => {
    const { seen, note } = open();
    for (; seen.now < 3_600_000; seen.now += 1000) assert.equal(note(), true);
    assert.equal(seen.ended, 0);
  });
});
