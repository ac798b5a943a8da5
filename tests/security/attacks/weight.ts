import type { Attack } from "../attack.ts";
import { manyStructs, manyTexts } from "../arbitraries/yjs.ts";
import { judge, openAttacker } from "../clients/attacker.ts";
import { type Outcomes, add } from "../fuzz.ts";

/** As many structs as one update may have. */
const structs = 100_000;
/** Enough to meet the document's bound. */
const updates = 12;

/** Fills one document with the most work that bounds let pass, and has it read again and again. */
async function fill(port: number, make: (structs: number, client: number) => Uint8Array): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  const documentId = `weight-${Math.random().toString(36).slice(2)}`;
  const attacker = await openAttacker({ port });
  try {
    add(outcomes, judge(await attacker.request("join-document", { documentId })));
    for (let client = 1; client <= updates; client += 1) {
      add(
        outcomes,
        judge(await attacker.request("send-changes", { documentId, update: make(structs - 2, client) })),
      );
      // A state vector of its own each time, so that no earlier answer serves.
      const stateVector = Uint8Array.of(1, client, 1);
      add(outcomes, judge(await attacker.request("join-document", { documentId, stateVector })));
    }
  } finally {
    attacker.socket.destroy();
  }
  return outcomes;
}

export const weightAttack: Attack = {
  name: "weight",
  title: "documents of as many parts as bounds let pass, joined again and again",
  weight: 0.5,
  async run({ port }) {
    const [gaps, texts] = [await fill(port, manyStructs), await fill(port, manyTexts)];
    for (const [outcome, count] of texts) add(gaps, outcome, count);
    return gaps;
  },
};
