import assert from "node:assert/strict";
import { join } from "node:path";
import { after, afterEach, before, describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import type { Replica, RuntimeName } from "../../deploy/local/replica.ts";
import * as present from "../../src/client/index.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import type { Fixture } from "./fixture.ts";
import { type Member, openSocket } from "./member.ts";
import { openFixture } from "./old-data.ts";

/** A data file of an earlier version, opened by this one on one runtime. */
export function singleSuite(fixture: Fixture, runtime: RuntimeName): void {
  const expected = fixture.expected.single;
  describe(`a data file of ${fixture.about.version}, on ${runtime}`, { timeout: groupTimeoutMs }, () => {
    const opened = openFixture(fixture, "single", temporaryFolder());
    const { tokenOf } = opened;
    const members: Member[] = [];
    let server: Replica;
    const member: typeof opened.member = async (...args) => {
      const one = await opened.member(...args);
      members.push(one);
      return one;
    };
    before(async () => {
      server = await opened.start(runtime, { DATA_FILE: join(opened.folder, "data.sqlite") });
    });
    afterEach(() => {
      for (const { close } of members.splice(0)) close();
    });
    after(() => server.process.stop());

    test("what was taken from users stays so, and tokens issued since then count", async () => {
      for (const { userId, documentId = expected.room, action } of expected.revocations) {
        const isGone = expected.revocations.some((each) => each.userId === userId && !each.documentId);
        const token = await tokenOf(userId, "before");
        const socket = openSocket(present, server.url, { token, reconnection: false });
        const outcome = await new Promise<string>((resolve) => {
          socket.once("connect_error", (error) => {
            resolve(present.refusalOf(error)?.code ?? error.message);
          });
          socket.once("connect", async () => {
            const reply = await socket.emitWithAck("join-document", { documentId });
            resolve(reply.ok ? reply.access : reply.error.code);
          });
        });
        socket.disconnect();
        assert.equal(outcome, isGone ? "unauthorized" : action === "write" ? "read" : "forbidden", userId);
        const later = await member(server.url, documentId, { token: await tokenOf(userId) });
        assert.equal(later.access(), "write", userId);
      }
    });

    test("a message that is sent again with its old id is not delivered again", async () => {
      const [ada, bob] = [
        await member(server.url, expected.room),
        await member(server.url, expected.room, { token: await tokenOf("bob") }),
      ];
      for (const { id, text } of expected.messages) await ada.say(text, id);
      await ada.say("a new one");
      await waitFor("the new one has come", () => bob.messages.includes("a new one"));
      assert.deepEqual(bob.messages, ["a new one"]);
    });

    test("a client with a session of the old process is not recovered, and starts over", async () => {
      const back = await member(server.url, expected.room, { session: expected.session });
      assert.equal(back.socket.recovered, false);
      assert.equal(back.access(), "write");
      assert.deepEqual(back.messages, []);
    });
  });
}
