import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { waitFor } from "../../../../deploy/local/process.ts";
import { groupTimeoutMs } from "../../../support/timeout.ts";
import { metric } from "../../../support/operate.ts";
import { useBothVersions } from "../../../upgrade/both-versions.ts";
import { readFixtures } from "../../../upgrade/fixture.ts";
import { loadClient, patienceMs } from "../../../upgrade/member.ts";
import { type DocumentClient, type DocumentMember, openDocumentMember, presentClient } from "./member.ts";

const documentId = "side-by-side";

for (const fixture of readFixtures().filter(({ about }) => about.sideBySide))
  describe(
    `documents on replicas of ${fixture.about.version} and of this version`,
    {
      timeout: groupTimeoutMs,
    },
    () => {
      const members: DocumentMember[] = [];
      const { replicas } = useBothVersions(fixture, members);
      before(async () => {
        const old = await loadClient<DocumentClient>(fixture.clientFolder);
        for (const { url } of replicas)
          for (const client of [old, presentClient])
            members.push(await openDocumentMember(client, url, documentId));
      });

      test("all members type at once, and have the same document", async () => {
        for (let round = 0; round < 20; round += 1) for (const { text } of members) text.insert(0, "x");
        await Promise.all(members.map(({ provider }) => provider.whenSaved()));
        for (const { text } of members)
          await waitFor("it has all edits", () => text.length === 20 * members.length, patienceMs);
        const texts = new Set(members.map(({ text }) => text.toString()));
        assert.equal(texts.size, 1);
      });

      test("members see the presence of all others", async () => {
        for (const { provider, doc } of members) provider.awareness.setLocalState({ user: doc.clientID });
        for (const { provider } of members)
          await waitFor(
            "all are seen",
            () => provider.awareness.getStates().size === members.length,
            patienceMs,
          );
      });

      test("no replica found anything malformed in what the others wrote", async () => {
        for (const { url, process } of replicas) {
          assert.ok(!((await metric(url, "trimaran_redis_malformed_total")) > 0), url);
          assert.doesNotMatch(process.output(), /"level":(50|60)/);
        }
      });
    },
  );
