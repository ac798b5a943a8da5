import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pino } from "pino";
import { waitFor } from "../../../deploy/local/process.ts";
import { boundLog } from "../../../src/shared/bounded-log.ts";

interface Line {
  level: number;
  msg: string;
  err?: { message: string };
  moreBefore?: number;
}

describe("a log with so many lines a second of each message", () => {
  test("what fails 10,000 times in one turn takes a few lines, and a later line tells of the rest", async () => {
    const lines: Line[] = [];
    const log = boundLog(pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Line) }));
    for (let count = 0; count < 10_000; count += 1)
      log.error({ err: new Error(`number ${count}`) }, "it failed");
    // A second may end in between.
    const first = lines.splice(0);
    assert.ok(first.length >= 20 && first.length <= 60, `${first.length} lines`);
    assert.deepEqual([first[0]?.level, first[0]?.err?.message], [50, "number 0"]);

    log.warn({ x: 1 }, "another message");
    log.info("information");
    assert.deepEqual(
      lines.splice(0).map(({ level, msg, moreBefore }) => [level, msg, moreBefore]),
      [
        [40, "another message", undefined],
        [30, "information", undefined],
      ],
    );

    const told = first.reduce((sum, { moreBefore = 0 }) => sum + moreBefore + 1, 0);
    const next = await waitFor("there is a line of it again", () => {
      log.error("it failed");
      return lines[0];
    });
    assert.ok((next.moreBefore ?? 0) >= 10_000 - told, `${next.moreBefore} more, ${told} told before`);
  });
});
