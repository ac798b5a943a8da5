import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemorySessions } from "../../../src/platform/delivery/sessions.ts";

test("sessions are kept for their window after the last touch", async () => {
  let now = 0;
  const sessions = createMemorySessions(1000, () => now);
  await sessions.save("a", { sid: "1", rooms: ["x"], data: {} });
  now = 900;
  await sessions.save("a", { sid: "1", rooms: ["x", "y"], data: {} });
  now = 1800;
  assert.deepEqual((await sessions.load("a"))?.rooms, ["x", "y"]);
  now = 1900;
  assert.equal(await sessions.load("a"), undefined);
  await sessions.save("b", { sid: "2", rooms: [], data: {} });
  sessions.remove("b");
  assert.equal(await sessions.load("b"), undefined);
});
