import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import * as Y from "yjs";
import { type Replica, startReplica } from "../../../deploy/local/replica.ts";
import { waitFor } from "../../../deploy/local/process.ts";
import { metric } from "../../support/server.ts";
import { apiKey, authSecret, makeToken } from "../../support/tokens.ts";
import { keystrokes } from "../../features/documents/support/yjs.ts";
import {
  type ExpectedDocument,
  describeDocument,
  fillWithEverything,
  kindsOfEverything,
} from "../content.ts";
import type { Expected } from "../expected.ts";
import { type Member, openMember, presentClient } from "../member.ts";

const text = { content: "text" } as const;

/** Takes something away from a user, as a backend does. @returns where that is stored. */
export async function revoke(
  url: string,
  revocation: Expected["single"]["revocations"][number],
): Promise<string> {
  const response = await fetch(`${url}/api/revocations`, {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}` },
    body: JSON.stringify(revocation),
  });
  const body = (await response.json()) as { ok: boolean; stored: string };
  if (!body.ok) throw new Error(`a revocation was refused: ${JSON.stringify(body)}`);
  return body.stored;
}

/** A member with a token for all documents. */
export async function openWriter(url: string, documentId: string, sub = "writer"): Promise<Member> {
  const token = await makeToken({ sub, documents: { "*": "write" } });
  return openMember(presentClient, url, documentId, { token, reconnection: false });
}

/** Writes `data.sqlite` into a folder, by a server in `single` mode that is killed in the end. */
export async function writeSingle(folder: string): Promise<Expected["single"]> {
  const file = join(folder, "data.sqlite");
  const env = { DATA_FILE: file, AUTH_SECRET: authSecret, API_KEYS: apiKey };
  const documents: Record<string, ExpectedDocument> = {};

  // When the last member leaves, a log of 20 changes and more is merged; a graceful stop waits for that.
  const first = await startReplica({ runtime: "node", env });
  documents["merged"] = await writeMerged(first);
  await first.process.stop();

  const { url, process } = await startReplica({ runtime: "node", env });
  const room = "text-with-deletions";
  const [ada, bob] = [await openWriter(url, room, "ada"), await openWriter(url, room, "bob")];
  await writeText(ada, bob);
  documents[room] = describeDocument([ada.doc, bob.doc], text);

  const everything = await openWriter(url, "maps-arrays-and-xml");
  fillWithEverything(everything.doc);
  await everything.provider.whenSaved();
  documents["maps-arrays-and-xml"] = describeDocument([everything.doc], kindsOfEverything);

  // Kept open until the server is killed, so that its log is not merged.
  const small = await openWriter(url, "small-updates");
  for (const update of keystrokes("a document with many small changes, each a row of its own")) {
    Y.applyUpdate(small.doc, update);
    await small.send(update);
  }
  documents["small-updates"] = describeDocument([small.doc], text);

  const emptied = await openWriter(url, "emptied");
  emptied.text.insert(0, "all of this is deleted");
  await emptied.provider.whenSaved();
  emptied.text.delete(0, emptied.text.length);
  await emptied.provider.whenSaved();
  documents["emptied"] = describeDocument([emptied.doc], text);

  await openWriter(url, "empty");
  for (const id of ["-", "...", "_", "A.b_C-9", "x".repeat(128)]) {
    const member = await openWriter(url, id);
    member.text.insert(0, `the document ${id}`);
    await member.provider.whenSaved();
    documents[id] = describeDocument([member.doc], text);
  }

  const messages = ["first", "second"].map((said) => ({ id: `id-of-${said}`, text: said }));
  for (const { id, text: said } of messages) await ada.say(said, id);
  const session = await waitFor("bob was sent an offset", () => bob.messages.length === 2 && bob.session());
  const revocations: Expected["single"]["revocations"] = [
    { userId: "gone", action: "read" },
    { userId: "reader", documentId: room, action: "write" },
    { userId: "shut", documentId: room, action: "read" },
  ];
  for (const revocation of revocations) await revoke(url, revocation);
  process.kill("SIGKILL");
  await process.exited;
  checkpoint(file);
  return { documents, empty: ["empty"], revocations, room, messages, session };
}

async function writeMerged({ url }: Replica): Promise<ExpectedDocument> {
  const member = await openWriter(url, "merged");
  const updates = keystrokes("thirty changes, merged into one");
  for (const update of updates) {
    Y.applyUpdate(member.doc, update);
    await member.send(update);
  }
  member.close();
  await waitFor("it is merged", async () => (await metric(url, "trimaran_document_merges_total")) === 1);
  return describeDocument([member.doc], text);
}

/** Two members write at once, format and delete. */
async function writeText(ada: Member, bob: Member): Promise<void> {
  ada.text.insert(0, "The quick brown fox jumps over the lazy dog");
  bob.text.insert(0, "Prelude. ");
  await Promise.all([ada.provider.whenSaved(), bob.provider.whenSaved()]);
  await waitFor("both have both", () => ada.text.length === bob.text.length);
  ada.text.delete(4, 12);
  bob.text.format(2, 10, { bold: true });
  bob.text.insert(bob.text.length, " — fin 🚣");
  await Promise.all([ada.provider.whenSaved(), bob.provider.whenSaved()]);
}

/** Moves what is in the write-ahead log into the file: the log of many small commits has megabytes. */
function checkpoint(file: string): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}
