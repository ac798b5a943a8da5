import { find } from "../../../../src/web/dom.ts";
import type { createChat } from "./chat-count.ts";
import type { Person } from "./person.ts";
import { type Side, createProof } from "./proof.ts";

const everyMs = 200;
/** Letters are on their way all the time while somebody types: only what takes longer is worth a change of colour. */
const briefMs = 1200;
const number = new Intl.NumberFormat("en");

/** The line that says whether something is lost. Figures are compared anew all the time, not remembered. */
export function bindProof(people: readonly [Person, Person], chat: ReturnType<typeof createChat>): void {
  const line = find("proof");
  const judge = createProof();
  let equalAt = performance.now();

  const show = () => {
    const { kind: exactly, typed, onTheWay, lost } = judge([side(people[0]), side(people[1])]);
    if (exactly === "good") equalAt = performance.now();
    const isBrief = exactly === "busy" && typed > 0 && performance.now() - equalAt < briefMs;
    const kind = isBrief ? "good" : exactly;
    const { sent, received, doubled, missed, isTold } = chat.counts();
    const messages =
      sent === 0
        ? ""
        : `. Messages: ${number.format(sent)} sent, ${number.format(received)} received, ${doubled} doubled` +
          (missed > 0 ? `, ${missed} missed${isTold ? " and told of" : ""}` : "");
    const state =
      kind === "good"
        ? "both documents are equal"
        : kind === "bad"
          ? "the documents differ"
          : onTheWay > 0
            ? `${number.format(onTheWay)} on the way, kept until then`
            : "being saved";
    // As it is at this moment, for tests.
    line.dataset["exactly"] = exactly;
    line.dataset["kind"] = doubled > 0 || (missed > 0 && !isTold) ? "bad" : kind;
    line.textContent =
      typed === 0
        ? "Type in either editor, or let the page type. Then kill any part."
        : `${number.format(typed)} characters typed, ${lost} lost: ${state}${messages}`;
  };
  setInterval(show, everyMs);
  show();
}

function side({ doc, text, typed, provider, place }: Person): Side {
  return {
    doc,
    text,
    typed,
    isSettled: provider.synced && !provider.state.unsavedChanges,
    isDegraded: place()?.mode === "degraded",
  };
}
