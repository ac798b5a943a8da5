import "quill/dist/quill.core.css";
import "quill-cursors/css";
// After Quill's: later rules go before earlier ones.
import "./editor.css";
import type { CreatePane } from "../../../web/pane.ts";
import { createProof } from "./proof.ts";
import { createTypist } from "./typist.ts";
import { type Writer, createWriter } from "./writer.ts";

const number = new Intl.NumberFormat("en");

/** An editor for each user, all of one document. */
export const part: CreatePane = () => {
  const writers: Writer[] = [];
  const judge = createProof();
  return {
    words: {
      hint: "Type in either editor, or let the page type.",
      start: "Type for me",
      stop: "Stop typing",
    },
    join(user) {
      const writer = createWriter(user);
      writers.push(writer);
      const { provider, status } = writer;
      return { member: provider, awareness: provider.awareness, status };
    },
    acts: () => writers.map((writer, index) => createTypist(writer, index * 3)),
    proof() {
      const [one, two] = writers;
      if (!one || !two) return { kind: "busy", done: "" };
      const { kind, typed, onTheWay, lost } = judge([one.side(), two.side()]);
      const states = {
        good: "both documents are equal",
        busy: onTheWay > 0 ? `${number.format(onTheWay)} on the way, kept until then` : "being saved",
        bad: "the documents differ",
      };
      const done = typed === 0 ? "" : `${number.format(typed)} characters typed, ${lost} lost`;
      return { kind, done, state: states[kind] };
    },
  };
};
