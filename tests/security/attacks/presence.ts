import * as fc from "fast-check";
import * as encoding from "lib0/encoding";
import { nestedJson } from "../arbitraries/hostile.ts";
import type { Attack } from "../attack.ts";
import { judge } from "../../support/clients/attacker.ts";
import { createPool } from "../../support/clients/pool.ts";
import { fuzz, replay, sum } from "../fuzz.ts";

type Entry = [clientId: number, clock: number, state: string];

/** An awareness update (y-protocols, awareness.js), with as many entries as it says or not. */
function presence(entries: readonly Entry[], count = entries.length): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, count);
  for (const [clientId, clock, state] of entries) {
    encoding.writeVarUint(encoder, clientId);
    encoding.writeVarUint(encoder, clock);
    encoding.writeVarString(encoder, state);
  }
  return encoding.toUint8Array(encoder);
}

const numbers = fc.oneof(fc.nat({ max: 20 }), fc.constantFrom(2 ** 32, 2 ** 53 - 1));
const states = fc.oneof(
  { arbitrary: fc.json(), weight: 3 },
  fc.constantFrom("null", "", "{", "undefined", '{"__proto__":{"user":1}}', '"\\ud800"'),
  fc.integer({ min: 1, max: 3000 }).map((depth) => nestedJson(depth, "object")),
);
const entries: fc.Arbitrary<Entry[]> = fc.array(fc.tuple(numbers, numbers, states), { maxLength: 20 });
const updates = fc.oneof(
  { arbitrary: entries.map((list) => presence(list)), weight: 4 },
  fc.tuple(entries, numbers).map(([list, count]) => presence(list, count)),
  fc.tuple(entries, fc.nat()).map(([list, at]) => presence(list).slice(0, at % 100)),
  fc.uint8Array({ maxLength: 100 }),
);

const harmful: Uint8Array[] = [
  // Kept in memory for every person, and sent to every member.
  presence([[1, 1, JSON.stringify("x".repeat(4_000_000))]]),
  presence(Array.from({ length: 16 }, (_, index): Entry => [index, 1, JSON.stringify("y".repeat(200_000))])),
  presence([[1, 2, nestedJson(500_000, "array")]]),
  presence([], 2 ** 31),
  presence([[1, 2 ** 53 - 1, '"last"']]),
];

export const presenceAttack: Attack = {
  name: "presence",
  title: "presence: false counts, endless states, clocks at their end",
  weight: 6,
  async run(context) {
    const documentId = `presence-${Math.random().toString(36).slice(2)}`;
    const pool = createPool(4, { port: context.port }, (attacker) =>
      attacker.request("join-document", { documentId }),
    );
    const attack = async (update: Uint8Array) =>
      judge(await (await pool.next()).request("send-presence", { documentId, update }));
    try {
      return sum([await replay(harmful, attack), await fuzz(context, updates, attack)]);
    } finally {
      await pool.close();
    }
  },
};
