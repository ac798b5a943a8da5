import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../deploy/local/process.ts";
import { runtimes } from "../../../deploy/local/replica.ts";
import { joinRoom } from "../../../src/client/index.ts";
import { useExamples } from "../../support/examples.ts";
import { useSockets } from "../../support/sockets.ts";
import { groupTimeoutMs } from "../../support/timeout.ts";

describe("examples with the chat", { timeout: groupTimeoutMs }, () => {
  const { run, server } = useExamples();
  const { socketTo, onClose } = useSockets();

  for (const runtime of runtimes) {
    test(`announcer on ${runtime} says something to the members of a room`, async () => {
      const { url } = await server();
      const room = `announcer-${runtime}`;
      const socket = socketTo(url);
      const heard: string[] = [];
      socket.on("receive-message", ({ documentId, from, text }) =>
        heard.push(`${documentId}: ${from}: ${text}`),
      );
      const member = joinRoom(socket, room);
      onClose(() => socket.disconnect());
      await waitFor("a member", () => member.synced);
      const say = (text: string, withKey?: string) =>
        run(runtime, "src/features/chat/examples/announcer/main.ts", [room, text], url, withKey);
      for (const text of ["one", "two"]) assert.equal((await say(text)).code, 0);
      await waitFor("the member has both", () => heard.length === 2);
      assert.deepEqual(heard, [`${room}: The clock: one`, `${room}: The clock: two`]);
      const refused = await say("three", "wrong");
      assert.equal(refused.code, 1);
      assert.match(refused.output, /401/);
    });
  }
});
