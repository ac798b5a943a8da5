import { find } from "../../../../src/web/dom.ts";
import type { Kind, Pane, Proof } from "../../../../src/web/pane.ts";

const everyMs = 200;
/** Something is on its way all the time while a user acts: only what takes longer is worth a change of colour. */
const briefMs = 1200;
const kinds: readonly Kind[] = ["good", "busy", "bad"];

/** The line that says whether something is lost. Figures are compared anew all the time, not remembered. */
export function bindProof(panes: readonly Pane[], hint: string): void {
  const line = find("proof");
  const shown = panes.map((pane) => createCalm(pane.proof));

  const show = () => {
    const proofs = shown.map((proof) => proof());
    // As it is at this moment, for tests.
    line.dataset["exactly"] = worst(proofs.map(({ exactly }) => exactly));
    line.dataset["kind"] = worst(proofs.map(({ kind }) => kind));
    const texts = proofs
      .filter(({ done }) => done !== "")
      .map(({ done, state }) => (state === undefined ? done : `${done}: ${state}`));
    line.textContent = texts.join(". ") || `${hint} Then kill any part.`;
  };
  setInterval(show, everyMs);
  show();
}

/** A proof that stays good while it is busy for a moment. */
function createCalm(proof: () => Proof): () => Proof & { exactly: Kind } {
  let good: Proof | undefined;
  let goodAt = 0;
  return () => {
    const current = proof();
    const { kind: exactly, done } = current;
    const now = performance.now();
    if (exactly === "good") {
      good = current;
      goodAt = now;
    }
    const isBrief = exactly === "busy" && good !== undefined && now - goodAt < briefMs;
    return isBrief ? { ...good, kind: "good", done, exactly } : { ...current, exactly };
  };
}

const worst = (all: readonly Kind[]): Kind => kinds.findLast((kind) => all.includes(kind)) ?? "busy";
