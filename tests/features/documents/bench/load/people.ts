import { setTimeout as passes } from "node:timers/promises";
import * as Y from "yjs";
import { createRandom } from "../../../../support/random.ts";
import { serveCommands } from "../../../../support/commands.ts";
import { type EditTally, type Edits, createEdits, sumTallies } from "./edits.ts";
import { type LargeDocument, buildLargeDocument } from "./large-document.ts";
import { type Connection, type Join, onSight, typeSomewhere } from "./person.ts";
import { repeat } from "./repeat.ts";

export interface People {
  /** Of the servers; people are on them in turn, and so is each document. */
  ports: number[];
  count: number;
  documents: number;
}

export interface Typing {
  everyMs: number;
  forMs: number;
  seed: number;
}

export interface Put extends LargeDocument {
  port: number;
  documentId: string;
}

/** What a document is known by again. */
export interface PutDocument {
  bytes: number;
  characters: number;
}

interface Person {
  doc: Y.Doc;
  edits: Edits;
  connection: Connection;
}

const joinTogether = 50;

/** A program of people who type in documents, all with the client library that `join` stands for. */
export function servePeople(join: Join): void {
  const people: Person[] = [];
  const edits: Edits[] = [];
  let stop = () => {};

  async function addPerson(index: number, { ports, count, documents }: People): Promise<void> {
    const document = Math.floor(index / (count / documents));
    const doc = new Y.Doc();
    const ofDocument = (edits[document] ??= createEdits(count / documents - 1));
    onSight(doc, (clientId, endClock) => ofDocument.seen(index, clientId, endClock));
    const port = ports[index % ports.length] ?? 0;
    people[index] = { doc, edits: ofDocument, connection: await join(port, `bench-${document}`, doc) };
  }

  serveCommands({
    async open(options: People) {
      for (let from = 0; from < options.count; from += joinTogether) {
        const indexes = Array.from(
          { length: Math.min(joinTogether, options.count - from) },
          (_, i) => from + i,
        );
        await Promise.all(indexes.map((index) => addPerson(index, options)));
      }
    },

    /** Everyone types, each at a rate of their own around the same. */
    async type({ everyMs, forMs, seed }: Typing) {
      for (const ofDocument of edits) ofDocument.reset();
      const { index: below } = createRandom(seed);
      stop = repeat({
        count: people.length,
        everyMs,
        seed,
        act(index) {
          const person = people[index];
          person?.edits.made(person.doc.clientID, typeSomewhere(person.doc, below));
        },
      });
      await passes(forMs);
      stop();
    },

    tally: (): EditTally => sumTallies(edits.map((ofDocument) => ofDocument.tally())),

    /** One person comes with a large document, part by part, and leaves. */
    async put({ port, documentId, ...options }: Put): Promise<PutDocument> {
      const { parts, characters } = buildLargeDocument(options);
      const doc = new Y.Doc();
      const connection = await join(port, documentId, doc);
      for (const part of parts) {
        Y.applyUpdate(doc, part);
        await connection.whenSaved();
      }
      connection.leave();
      return { bytes: Y.encodeStateAsUpdate(doc).length, characters };
    },

    close() {
      stop();
      for (const { connection } of people.splice(0)) connection.leave();
    },
  });
}
