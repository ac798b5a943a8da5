import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { waitFor } from "../../../../deploy/local/process.ts";
import type { BothVersions } from "../../../upgrade/both-versions.ts";
import { loadClient, patienceMs } from "../../../upgrade/member.ts";
import { type DocumentClient, type DocumentMember, openDocumentMember, presentClient } from "./member.ts";

/** Documents on replicas of two versions, with clients of both on each. */
export function sideBySideTests({ replicas, clientFolder }: BothVersions): void {
  describe("documents", () => {
    const members: DocumentMember[] = [];
    before(async () => {
      const old = await loadClient<DocumentClient>(clientFolder);
      for (const { url } of replicas)
        for (const client of [old, presentClient])
          members.push(await openDocumentMember(client, url, "documents-side-by-side"));
    });
    after(() => {
      for (const { close } of members) close();
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
  });
}
