import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startReplica } from "../../../deploy/local/replica.ts";
import { waitFor } from "../../../deploy/local/process.ts";
import * as present from "../../../src/client/index.ts";
import { apiKey, authSecret, makeToken } from "../../support/tokens.ts";
import type { Expected } from "../expected.ts";
import { type Member, entry, openMember } from "../member.ts";
import { createFixtureWriters, merged } from "./of-features.ts";
import { revoke } from "./revoke.ts";

/** A member with a token for all rooms. */
export async function openWriter(url: string, room: string, sub = "writer"): Promise<Member> {
  const token = await makeToken({ sub, documents: { "*": "write" } });
  return openMember(present, url, room, { token, reconnection: false });
}

/** Writes `data.sqlite` into a folder, by a server in `single` mode that is killed in the end. */
export async function writeSingle(folder: string): Promise<Expected["single"]> {
  const file = join(folder, "data.sqlite");
  const features = await createFixtureWriters();
  const env = { DATA_FILE: file, AUTH_SECRET: authSecret, API_KEYS: apiKey };

  const first = await startReplica({ runtime: "node", entry, env });
  for (const { beforeStop } of features) await beforeStop(first.url);
  await first.process.stop();

  const { url, process } = await startReplica({ runtime: "node", entry, env });
  const ofFeatures = [];
  for (const { beforeKill } of features) ofFeatures.push(await beforeKill(url));
  const room = "text-with-deletions";
  const [ada, bob] = [await openWriter(url, room, "ada"), await openWriter(url, room, "bob")];
  const messages = ["first", "second"].map((said) => ({ id: `id-of-${said}`, text: said }));
  for (const { id, text } of messages) await ada.say(text, id);
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
  return { ...merged(ofFeatures), revocations, room, messages, session };
}

/** Moves what is in the write-ahead log into the file: the log of many small commits has megabytes. */
function checkpoint(file: string): void {
  const database = new DatabaseSync(file);
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  database.close();
}
