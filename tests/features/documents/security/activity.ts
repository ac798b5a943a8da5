import * as Y from "yjs";
import { waitFor } from "../../../../deploy/local/process.ts";
import { DocumentProvider } from "../../../../src/features/documents/client/index.ts";
import {
  type Activity,
  type ActivityOptions,
  type Bystander,
  patienceMs,
} from "../../../security/watch/activity.ts";

/** What is typed is deleted again, so that the document stays small. */
const maxLetters = 200;

/** Both edit a document in turns, each a text of its own, which the other and the server have, too. */
export function createActivity(options: ActivityOptions): Activity {
  const { url, room, headers, bystanders, timed, onDamage } = options;

  function editor({ name, socket }: Bystander) {
    const doc = new Y.Doc();
    for (const other of bystanders) doc.getText(other.name);
    const provider = new DocumentProvider(socket, room, doc);
    provider.on("refused", (error) => onDamage(`${name} was refused: ${JSON.stringify(error)}`));
    return { name, doc, provider, own: doc.getText(name), expected: "" };
  }

  const [one, two] = [editor(bystanders[0]), editor(bystanders[1])];

  return {
    isReady: () => one.provider.synced && two.provider.synced,

    async turn(index, doer) {
      const [writer, reader] = doer === 0 ? [one, two] : [two, one];
      await timed(async () => {
        const letter = String.fromCodePoint(97 + (index % 26));
        writer.own.insert(writer.expected.length, letter);
        writer.expected += letter;
        const copy = reader.doc.getText(writer.name);
        await waitFor("the other sees the letter", () => copy.toString() === writer.expected, patienceMs);
      });
      if (writer.expected.length > maxLetters) {
        writer.own.delete(0, writer.expected.length);
        writer.expected = "";
      }
    },

    async compare() {
      const stored = new Y.Doc();
      for (const { name, own, expected, doc, provider } of [one, two]) {
        if (own.toString() !== expected) onDamage(`${name}'s text is ${own.toString()}, not ${expected}`);
        if (doc.share.size !== 2) onDamage(`the document has ${[...doc.share.keys()].join(", ")}`);
        await waitFor("all is saved", () => !provider.state.unsavedChanges, patienceMs);
      }
      const response = await fetch(`${url}/api/documents/${room}`, { headers });
      Y.applyUpdate(stored, new Uint8Array(await response.arrayBuffer()));
      for (const { name, expected } of [one, two])
        if (stored.getText(name).toString() !== expected)
          onDamage(`what is stored of ${name} is something else`);
    },
  };
}
