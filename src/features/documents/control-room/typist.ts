import * as Y from "yjs";
import type { Act } from "../../../web/pane.ts";
import type { Writer } from "./writer.ts";

const sentences = [
  "Three hulls, and one keeps the others up.",
  "The wind turned while we were talking.",
  "Pull any plug you like, I go on writing.",
  "What I write here is kept until somebody has it.",
  "A replica went down, and nobody had to sign in again.",
  "Every word comes across once, and in the right place.",
  "The harbour is in sight, and the tea is still warm.",
  "Redis takes a nap; we make notes for it.",
];

const keyMs = { least: 70, most: 190 };

/** Types letter by letter, wherever the others' words have moved its place to; each sentence on a line of its own. */
export function createTypist({ quill, text, doc, provider }: Writer, first: number): Act {
  let sentence = first;
  let rest = "";
  let place: Y.RelativePosition | undefined;

  // The binding takes the cursor from the browser's focus, which one editor of the page has at most.
  function showCursor(): void {
    if (place && !quill.hasFocus())
      provider.awareness.setLocalStateField("cursor", { anchor: place, head: place });
  }
  // After the binding, which takes the cursor away with every change.
  quill.on("editor-change", showCursor);

  function stop(): void {
    rest = "";
    place = undefined;
  }

  return {
    run() {
      if (rest === "" || !place) {
        rest = sentences[sentence % sentences.length] ?? "";
        sentence += 1;
        // Its end first: what the other begins at the end of the document can't come between its letters then.
        const end = Math.max(0, quill.getLength() - 1);
        quill.insertText(end, "\n", "user");
        place = Y.createRelativePositionFromTypeIndex(text, end);
      }
      const index = Y.createAbsolutePositionFromRelativePosition(place, doc)?.index;
      // A user deleted the line.
      if (index === undefined) return stop();
      quill.insertText(index, rest.slice(0, 1), "user");
      rest = rest.slice(1);
      showCursor();
      quill.root.scrollTop = quill.root.scrollHeight;
    },
    delayMs: () => keyMs.least + Math.random() * (keyMs.most - keyMs.least),
    rest: stop,
  };
}
