import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { waitFor } from "../../../../deploy/local/process.ts";
import { type RuntimeName, runtimes } from "../../../../deploy/local/replica.ts";
import { metric } from "../../../support/operate.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { groupTimeoutMs } from "../../../support/timeout.ts";
import { type Fixture, readFixtures } from "../../../upgrade/fixture.ts";
import { openCluster } from "../../../upgrade/old-cluster.ts";
import { differenceOf } from "./content.ts";
import { expectedCluster } from "./expected.ts";
import type { DocumentMember } from "./member.ts";
import { memberOf, wrongDocuments } from "./old-data.ts";

/** Redis' data and three replicas' data files of an earlier version, opened by this one on one runtime. */
function clusterSuite(fixture: Fixture, runtime: RuntimeName): void {
  const { documents } = expectedCluster(fixture);
  const { version } = fixture.about;
  describe(`documents of three replicas of ${version}, on ${runtime}`, { timeout: groupTimeoutMs }, () => {
    const members: DocumentMember[] = [];
    const cluster = openCluster(fixture, runtime, temporaryFolder(), members);
    const member = memberOf(cluster, members);
    const watchers: Record<string, DocumentMember> = {};
    before(async () => {
      await cluster.startFirst();
      // Members on the one replica without a journal, before the other two publish theirs.
      for (const id of Object.keys(documents)) watchers[id] = await member(cluster.url(2), id);
      await cluster.startOthers();
    });
    after(cluster.stop);

    test("the journals come to members on other replicas, and every replica has every document", async () => {
      for (const [id, { doc }] of Object.entries(watchers)) {
        const document = documents[id] ?? assert.fail(id);
        await waitFor(`${id} is as acknowledged`, () => differenceOf(doc, document) === undefined).catch(
          (cause: unknown) => assert.fail(`${id}: ${differenceOf(doc, document)} (${String(cause)})`),
        );
      }
      for (const index of [0, 1, 2]) {
        await waitFor(
          `replica ${index + 1} has an empty outbox`,
          async () => (await metric(cluster.url(index), "trimaran_outbox_entries")) === 0,
        );
        assert.deepEqual(await wrongDocuments(cluster.url(index), documents), {});
        assert.equal(await metric(cluster.url(index), "trimaran_journal_documents"), 0);
      }
    });

    test("nothing in the old data was malformed or dropped", () => cluster.assertNothingMalformed());
  });
}

for (const fixture of readFixtures()) for (const runtime of runtimes) clusterSuite(fixture, runtime);
