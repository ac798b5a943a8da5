import * as Y from "yjs";
import { find } from "../../../../src/web/dom.ts";
import type { Person } from "./person.ts";

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
const messageEveryMs = 1500;

/** Types for both, as two people would, so that one has the hands free to break things. */
export function createAutopilot(people: readonly Person[], say: (index: number, text: string) => void): void {
  const button = find<HTMLButtonElement>("autopilot");
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let messages = 0;

  function repeat(run: () => void, delayMs: () => number): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
      repeat(run, delayMs);
    }, delayMs());
    timers.add(timer);
  }

  const typists = people.map((person, index) => createTypist(person, index * 3));
  button.addEventListener("click", () => {
    const isOn = button.ariaPressed !== "true";
    button.ariaPressed = String(isOn);
    button.textContent = isOn ? "Stop typing" : "Type for me";
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    for (const typist of typists) typist.rest();
    if (!isOn) return;
    for (const typist of typists)
      repeat(typist.type, () => keyMs.least + Math.random() * (keyMs.most - keyMs.least));
    repeat(
      () => say((messages += 1) % people.length, `message ${messages}`),
      () => messageEveryMs,
    );
  });
}

/** Types letter by letter, wherever the others' words have moved its place to; each sentence on a line of its own. */
function createTypist({ quill, text, doc, provider }: Person, first: number) {
  let sentence = first;
  let rest = "";
  let place: Y.RelativePosition | undefined;

  // The binding takes the cursor from the browser's focus, which one of the two has at most.
  function showCursor(): void {
    if (place && !quill.hasFocus())
      provider.awareness.setLocalStateField("cursor", { anchor: place, head: place });
  }
  // After the binding, which takes the cursor away with every change.
  quill.on("editor-change", showCursor);

  return {
    type(): void {
      if (rest === "" || !place) {
        rest = sentences[sentence % sentences.length] ?? "";
        sentence += 1;
        // Its end first: what the other begins at the end of the document can't come between its letters then.
        const end = Math.max(0, quill.getLength() - 1);
        quill.insertText(end, "\n", "user");
        place = Y.createRelativePositionFromTypeIndex(text, end);
      }
      const index = Y.createAbsolutePositionFromRelativePosition(place, doc)?.index;
      // Somebody deleted the line.
      if (index === undefined) return this.rest();
      quill.insertText(index, rest.slice(0, 1), "user");
      rest = rest.slice(1);
      showCursor();
      quill.root.scrollTop = quill.root.scrollHeight;
    },
    rest(): void {
      rest = "";
      place = undefined;
    },
  };
}
