import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { withDeadline } from "../../../src/platform/redis/deadline.ts";
import { temporaryFolder } from "../../support/folder.ts";

describe("deadline", () => {
  const folder = temporaryFolder();

  test("gives the work's outcome in time", async () => {
    assert.equal(await withDeadline(Promise.resolve(1), 60_000), 1);
    await assert.rejects(withDeadline(Promise.reject(new Error("no")), 60_000), /no/);
  });

  test("rejects after it, and listens to what comes later", async () => {
    const { promise: late, reject } = Promise.withResolvers<never>();
    await assert.rejects(withDeadline(late, 20), /no answer within 20 ms/);
    reject(new Error("late"));
    // In the next turn the runner would be told of a rejection that has no listener, and fail.
    await new Promise((resolve) => setImmediate(resolve));
  });

  test("a pause of this process is not blamed on the other side", async () => {
    // A socket of the file system: what is written is there to be read at once, also on a busy machine.
    const server = createServer().listen(join(folder, "socket"));
    await once(server, "listening");
    const client = connect(join(folder, "socket"));
    const [[other]] = (await Promise.all([once(server, "connection"), once(client, "connect")])) as [
      [typeof client],
      unknown,
    ];
    // Deno reads a socket for the first time only when something listens: not what is tested here.
    other.write("hello");
    await once(client, "data");
    const answer = once(client, "data");
    const within = withDeadline(answer, 5);
    other.write("here");
    // The pause: longer than the deadline, with the answer waiting.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    assert.equal(String((await within)[0]), "here");
    client.destroy();
    other.destroy();
    server.close();
  });
});
