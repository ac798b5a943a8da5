import type { Attack } from "../../../security/attack.ts";
import { manyStructs, manyTexts } from "./updates.ts";
import { judge, openAttacker } from "../../../support/clients/attacker.ts";
import { type Outcomes, add, sum } from "../../../security/fuzz.ts";

/** As many structs as one update may have. */
const structs = 50_000;
/** Updates that are sent in turn: more than the cost limit lets pass. */
const variants = 8;
const rounds = 2 * variants;

/** Fills one document with the most work that bounds let pass, and has it read again and again. */
async function fill(
  port: number,
  documentId: string,
  make: (structs: number, client: number) => Uint8Array,
): Promise<Outcomes> {
  const outcomes: Outcomes = new Map();
  // Made before: what an attacker's own processor does must not slow down the others'.
  const prepared = Array.from({ length: variants }, (_, client) => make(structs - 2, client + 1));
  const attacker = await openAttacker({ port });
  try {
    add(outcomes, judge(await attacker.request("join-document", { documentId })));
    for (let client = 1; client <= rounds; client += 1) {
      const update = prepared[client % variants];
      add(outcomes, judge(await attacker.request("send-changes", { documentId, update })));
      // A state vector of its own each time, so that no earlier answer serves.
      const stateVector = Uint8Array.of(1, client % 128, 1);
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
  directOnly: true,
  weight: 0.5,
  async run({ port }) {
    const documentId = `weight-${Math.random().toString(36).slice(2)}`;
    return sum(
      await Promise.all([
        fill(port, `${documentId}-gaps`, manyStructs),
        fill(port, `${documentId}-texts`, manyTexts),
      ]),
    );
  },
};
