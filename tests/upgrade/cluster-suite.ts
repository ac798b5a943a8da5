import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { waitFor } from "../../deploy/local/process.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import * as present from "../../src/client/index.ts";
import { metric } from "../support/operate.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { apiKey } from "../support/tokens.ts";
import type { Fixture } from "./fixture.ts";
import { type Member, openSocket, patienceMs } from "./member.ts";
import { openCluster } from "./old-cluster.ts";

/** Redis' data and three replicas' data files of an earlier version, opened by this one on one runtime. */
export function clusterSuite(fixture: Fixture, runtime: RuntimeName): void {
  const expected = fixture.expected.cluster;
  const { version } = fixture.about;
  describe(`Redis and three replicas of ${version}, on ${runtime}`, { timeout: groupTimeoutMs }, () => {
    const members: Member[] = [];
    const cluster = openCluster(fixture, runtime, temporaryFolder(), members);
    const { tokenOf, url } = cluster;

    const keep = async (opening: Promise<Member>): Promise<Member> => {
      const one = await opening;
      members.push(one);
      return one;
    };
    const member: typeof cluster.member = (...args) => keep(cluster.member(...args));
    /** A client of the old replicas, with the session that it had there. */
    const back = async (index: number, who: "early" | "later" | "late") =>
      member(url(index), expected.room, {
        token: await tokenOf(who),
        session: expected.sessions[who],
      });

    before(cluster.startFirst);
    after(cluster.stop);

    let early: Member;
    const missed = expected.missed.flat().map(({ text }) => text);

    /** Each message once, and each sender's in the order in which they were sent. */
    function assertMissed(messages: string[]): void {
      assert.deepEqual(messages.toSorted(), missed.toSorted());
      for (const sent of expected.missed) {
        const texts = sent.map(({ text }) => text);
        assert.deepEqual(
          messages.filter((text) => texts.includes(text)),
          texts,
        );
      }
    }

    /** Waits until a replica refuses a token that the user had when the fixture was written. */
    async function refuses(index: number, userId: string): Promise<void> {
      let refusal: string | undefined;
      // A replica that learns it after the client has connected ends the connection, and refuses the next.
      const socket = openSocket(present, url(index), { token: await tokenOf(userId, "before") });
      socket.on("connect_error", (error) => (refusal = present.refusalOf(error)?.code));
      await waitFor(`${userId} is refused`, () => refusal, patienceMs).finally(() => socket.disconnect());
      assert.equal(refusal, "unauthorized");
    }

    test("what was taken from a user on another replica, just before Redis died, is in Redis", async () => {
      await refuses(2, expected.revocations[0]?.userId ?? assert.fail("no revocation"));
    });

    test("a client is recovered by the session that an old replica kept for it", async () => {
      early = await back(2, "early");
      assert.equal(early.socket.recovered, true);
    });

    test("the outboxes of the other replicas come to it: each message once, in each sender's order", async () => {
      await cluster.startOthers();
      await waitFor("all messages have come", () => early.messages.length >= missed.length, patienceMs);
      for (const index of [0, 1, 2])
        await waitFor(
          `replica ${index + 1} has an empty outbox`,
          async () => (await metric(url(index), "trimaran_outbox_entries")) === 0,
          patienceMs,
        );
      assertMissed(early.messages);
    });

    test("messages that are sent again with their old ids are not delivered again, on any replica", async () => {
      for (const [index, heard] of expected.heard.entries()) {
        const sender = await member(url(index), expected.room);
        await sender.say(heard.text, heard.id);
        for (const sent of expected.missed.flatMap((all) => all.at(-1) ?? []))
          await sender.say(sent.text, sent.id);
        await sender.say(`new ${index}`);
      }
      const last = `new ${expected.heard.length - 1}`;
      await waitFor("the last has come", () => early.messages.includes(last));
      assertMissed(early.messages.filter((text) => !text.startsWith("new ")));
    });

    test("a client that comes back later, to a replica that had an outbox, gets the same", async () => {
      const later = await back(0, "later");
      assert.equal(later.socket.recovered, true);
      assert.deepEqual(later.messages, early.messages);
    });

    test("a client that comes back after its session expired is not recovered, and starts over", async () => {
      const late = await back(1, "late");
      assert.equal(late.socket.recovered, false);
      assert.equal(late.access(), "write");
    });

    test("what was taken from users is gone on every replica, also what only one of them knew", async () => {
      for (const { userId } of expected.revocations)
        for (const index of [0, 1, 2]) await refuses(index, userId);
    });

    test("the replicas are listed, and nothing in the old data was malformed or dropped", async () => {
      const response = await fetch(`${url(0)}/api/cluster`, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      const { replicas } = (await response.json()) as { replicas: { nodeId: string; mode: string }[] };
      assert.deepEqual(
        replicas.map(({ nodeId, mode }) => `${nodeId} ${mode}`),
        ["replica-1 cluster", "replica-2 cluster", "replica-3 cluster"],
      );
      await cluster.assertNothingMalformed();
    });
  });
}
