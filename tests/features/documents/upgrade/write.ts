import * as Y from "yjs";
import { waitFor } from "../../../../deploy/local/process.ts";
import { redisCli } from "../../../support/operate.ts";
import { metric } from "../../../support/server.ts";
import { makeToken } from "../../../support/tokens.ts";
import type { FixtureWriter, Writing } from "../../../upgrade/write/of-features.ts";
import { keystrokes } from "../support/yjs.ts";
import { type ExpectedDocument, describeDocument, fillWithEverything, kindsOfEverything } from "./content.ts";
import type { ExpectedCluster, ExpectedSingle } from "./expected.ts";
import { type DocumentMember, openDocumentMember, presentClient } from "./member.ts";

/* The documents of a fixture. */

const text = { content: "text" } as const;
const everything = "maps-arrays-and-xml";

/** A member with a token for all documents. */
async function openWriter(url: string, documentId: string, sub = "writer"): Promise<DocumentMember> {
  const token = await makeToken({ sub, documents: { "*": "write" } });
  return openDocumentMember(presentClient, url, documentId, { token, reconnection: false });
}

const docsOf = (members: DocumentMember[]) => members.map(({ doc }) => doc);

async function sendEach(member: DocumentMember, updates: readonly Uint8Array[]): Promise<void> {
  for (const update of updates) {
    Y.applyUpdate(member.doc, update);
    await member.send(update);
  }
}

async function writeEverything(url: string): Promise<ExpectedDocument> {
  const member = await openWriter(url, everything);
  fillWithEverything(member.doc);
  await member.provider.whenSaved();
  return describeDocument([member.doc], kindsOfEverything);
}

export function createFixtureWriter(): FixtureWriter {
  const documents: Record<string, ExpectedDocument> = {};
  const shared: Record<string, ExpectedDocument> = {};
  /** By the document. */
  const writers: Record<string, DocumentMember[]> = {};

  return {
    clusterEnv: { MAX_DOCUMENT_UPDATES: "20" },

    // When the last member leaves, a log of 20 changes and more is merged; a graceful stop waits for that.
    async beforeStop(url) {
      const member = await openWriter(url, "merged");
      await sendEach(member, keystrokes("thirty changes, merged into one"));
      member.close();
      await waitFor("it is merged", async () => (await metric(url, "trimaran_document_merges_total")) === 1);
      documents["merged"] = describeDocument([member.doc], text);
    },

    async beforeKill(url): Promise<ExpectedSingle> {
      const id = "text-with-deletions";
      const [ada, bob] = [await openWriter(url, id, "ada"), await openWriter(url, id, "bob")];
      await writeText(ada, bob);
      documents[id] = describeDocument([ada.doc, bob.doc], text);
      documents[everything] = await writeEverything(url);

      // Kept open until the server is killed, so that its log is not merged.
      const small = await openWriter(url, "small-updates");
      await sendEach(small, keystrokes("a document with many small changes, each a row of its own"));
      documents["small-updates"] = describeDocument([small.doc], text);

      const emptied = await openWriter(url, "emptied");
      emptied.text.insert(0, "all of this is deleted");
      await emptied.provider.whenSaved();
      emptied.text.delete(0, emptied.text.length);
      await emptied.provider.whenSaved();
      documents["emptied"] = describeDocument([emptied.doc], text);

      await openWriter(url, "empty");
      for (const name of ["-", "...", "_", "A.b_C-9", "x".repeat(128)]) {
        const member = await openWriter(url, name);
        member.text.insert(0, `the document ${name}`);
        await member.provider.whenSaved();
        documents[name] = describeDocument([member.doc], text);
      }
      return { documents, empty: ["empty"] };
    },

    async whileUp(replicas) {
      const { url } = replicas;
      shared["snapshot-and-log"] = await writeSnapshot(replicas);
      shared[everything] = await writeEverything(url(2));
      for (const [id, indexes] of Object.entries({ journal: [0], apart: [0, 1], busy: [1, 2] })) {
        const members = (writers[id] = [] as DocumentMember[]);
        for (const index of indexes) members.push(await openWriter(url(index), id));
        for (const { text: content, provider } of members) {
          content.insert(0, `${id}, while Redis is up. `);
          await provider.whenSaved();
        }
      }
    },

    whileDying(index) {
      for (const { text: content } of writers["busy"] ?? [])
        content.insert(content.length, String(index % 10));
    },

    async whileDown({ url }) {
      writers["never-shared"] = [await openWriter(url(0), "never-shared")];
      for (const id of ["journal", "apart", "never-shared"])
        for (const { text: content, provider } of writers[id] ?? []) {
          content.insert(content.length, "Written while Redis is down. ");
          content.delete(0, 3);
          await provider.whenSaved();
        }
    },

    async finish(): Promise<ExpectedCluster> {
      for (const [id, members] of Object.entries(writers)) {
        await Promise.all(members.map(({ provider }) => provider.whenSaved()));
        shared[id] = describeDocument(docsOf(members), text);
      }
      return { documents: shared };
    },
  };
}

/** Two members write at once, format and delete. */
async function writeText(ada: DocumentMember, bob: DocumentMember): Promise<void> {
  ada.text.insert(0, "The quick brown fox jumps over the lazy dog");
  bob.text.insert(0, "Prelude. ");
  await Promise.all([ada.provider.whenSaved(), bob.provider.whenSaved()]);
  await waitFor("both have both", () => ada.text.length === bob.text.length);
  ada.text.delete(4, 12);
  bob.text.format(2, 10, { bold: true });
  bob.text.insert(bob.text.length, " — fin 🚣");
  await Promise.all([ada.provider.whenSaved(), bob.provider.whenSaved()]);
}

/** A document that is a snapshot, and a log of what came after it. */
async function writeSnapshot({ url, redisPort }: Writing): Promise<ExpectedDocument> {
  const id = "snapshot-and-log";
  const member = await openWriter(url(0), id);
  const [snapshot, log] = ["snapshot", "log"].map((part) => `trimaran:doc:{${id}}:${part}`) as [
    string,
    string,
  ];
  const updates = keystrokes("twenty are merged, the rest is not");
  await sendEach(member, updates.slice(0, 20));
  await waitFor("there is a snapshot", async () => (await redisCli(redisPort, ["EXISTS", snapshot])) === "1");
  await sendEach(member, updates.slice(20));
  if ((await redisCli(redisPort, ["XLEN", log])) === "0") throw new Error("there is no log");
  return describeDocument([member.doc], text);
}
