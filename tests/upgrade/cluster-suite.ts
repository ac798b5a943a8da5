import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Process, waitFor } from "../../deploy/local/process.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import type { LocalRedis } from "../../deploy/local/redis.ts";
import { metric } from "../support/operate.ts";
import { temporaryFolder } from "../support/folder.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { apiKey } from "../support/tokens.ts";
import { differenceOf } from "./content.ts";
import type { Fixture } from "./fixture.ts";
import { type Member, openSocket, patienceMs, presentClient } from "./member.ts";
import { openFixture, wrongDocuments } from "./old-data.ts";

/** Redis' data and three replicas' data files of an earlier version, opened by this one on one runtime. */
export function clusterSuite(fixture: Fixture, runtime: RuntimeName): void {
  const expected = fixture.expected.cluster;
  const { version } = fixture.about;
  describe(`Redis and three replicas of ${version}, on ${runtime}`, { timeout: groupTimeoutMs }, () => {
    const opened = openFixture(fixture, "cluster", temporaryFolder());
    const { tokenOf } = opened;
    const members: Member[] = [];
    const processes: Process[] = [];
    const urls: string[] = ["", "", ""];
    const url = (index: number) => urls[index] ?? "";
    let redis: LocalRedis;

    const keep = async (opening: Promise<Member>): Promise<Member> => {
      const one = await opening;
      members.push(one);
      return one;
    };
    const member: typeof opened.member = (...args) => keep(opened.member(...args));
    /** A client of the old replicas, with the session that it had there. */
    const back = async (index: number, who: "early" | "later" | "late") =>
      member(url(index), expected.room, {
        token: await tokenOf(who),
        session: expected.sessions[who],
      });

    async function startReplica(index: number): Promise<void> {
      const replica = await opened.start(runtime, {
        NODE_ID: `replica-${index + 1}`,
        REDIS_URL: redis.url,
        DATA_FILE: join(opened.folder, `replica-${index + 1}.sqlite`),
        DRAIN_MS: "0",
      });
      processes.push(replica.process);
      urls[index] = replica.url;
    }

    before(async () => {
      const { pid } = expected.sessions.late;
      redis = await opened.startRedis((key) => key.endsWith(pid));
      // The one replica whose outbox is empty: its clients are there before the other two publish theirs.
      await startReplica(2);
    });
    after(async () => {
      for (const { close } of members) close();
      await Promise.all(processes.map((process) => process.stop()));
      await redis.process.stop();
    });

    let early: Member;
    const watchers: Record<string, Member> = {};
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
      const socket = openSocket(presentClient, url(index), { token: await tokenOf(userId, "before") });
      socket.on("connect_error", (error) => (refusal = presentClient.refusalOf(error)?.code));
      await waitFor(`${userId} is refused`, () => refusal, patienceMs).finally(() => socket.disconnect());
      assert.equal(refusal, "unauthorized");
    }

    test("what was taken from a user on another replica, just before Redis died, is in Redis", async () => {
      await refuses(2, expected.revocations[0]?.userId ?? assert.fail("no revocation"));
    });

    test("a client is recovered by the session that an old replica kept for it", async () => {
      early = await back(2, "early");
      assert.equal(early.socket.recovered, true);
      for (const id of Object.keys(expected.documents)) watchers[id] = await member(url(2), id);
    });

    test("the outboxes of the other replicas come to it: each message once, in each sender's order", async () => {
      await Promise.all([startReplica(0), startReplica(1)]);
      await waitFor("all messages have come", () => early.messages.length >= missed.length, patienceMs);
      for (const index of [0, 1, 2])
        await waitFor(
          `replica ${index + 1} has an empty outbox`,
          async () => (await metric(url(index), "trimaran_outbox_entries")) === 0,
          patienceMs,
        );
      assertMissed(early.messages);
    });

    test("the journals come to members on other replicas, and every replica has every document", async () => {
      for (const [id, { doc }] of Object.entries(watchers)) {
        const document = expected.documents[id] ?? assert.fail(id);
        await waitFor(`${id} is as acknowledged`, () => differenceOf(doc, document) === undefined).catch(
          (cause: unknown) => assert.fail(`${id}: ${differenceOf(doc, document)} (${String(cause)})`),
        );
      }
      for (const index of [0, 1, 2]) {
        assert.deepEqual(await wrongDocuments(url(index), expected.documents), {});
        assert.equal(await metric(url(index), "trimaran_journal_documents"), 0);
      }
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
      assert.equal(late.provider.synced, true);
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
      for (const [index, process] of processes.entries()) {
        for (const counter of ["trimaran_redis_malformed_total", "trimaran_outbox_dropped_total"])
          assert.ok(!((await metric(url(index), counter)) > 0), `${counter} on replica ${index + 1}`);
        assert.doesNotMatch(process.output(), /"level":(50|60)/);
      }
    });
  });
}
