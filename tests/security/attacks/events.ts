import * as fc from "fast-check";
import { composeApp } from "../../../src/platform/gateway/contract.ts";
import { judge } from "../../support/clients/attacker.ts";
import { createPool } from "../../support/clients/pool.ts";
import { features } from "../../support/features.ts";
import { importOfFeatures } from "../../support/of-features.ts";
import { nearly } from "../arbitraries/from-schema.ts";
import { hostile, nestedJson } from "../arbitraries/hostile.ts";
import type { Attack, FeatureAttacks, RawPacket } from "../attack.ts";
import { fuzz, replay, sum } from "../fuzz.ts";

const ofFeatures = await importOfFeatures<FeatureAttacks>("security/attacks.ts");
const contracted = [...composeApp(features).events.values()];
const names = contracted.map(({ name }) => name);
const joined = fc.constantFrom("attacked-1", "attacked-2", "__proto__", "constructor");
const known = {
  texts: { documentId: joined },
  bytes: Object.assign({}, ...ofFeatures.map(({ bytes }) => bytes)) as FeatureAttacks["bytes"],
};

/** Event names that are no event's. */
const otherNames = fc.oneof(
  fc.constantFrom("constructor", "__proto__", "toString", "error", "", "message", "mode", "said"),
  fc.string(),
  fc.integer(),
);

const events = fc.oneof(
  {
    arbitrary: fc
      .constantFrom(...contracted)
      .chain(({ name, schema }) => nearly(schema, known).map((payload): unknown[] => [name, payload])),
    weight: 8,
  },
  fc.tuple(otherNames, hostile).map((args): unknown[] => args),
  fc
    .tuple(fc.constantFrom(...names), fc.array(hostile, { maxLength: 4 }))
    .map(([name, args]): unknown[] => [name, ...args]),
);

const document = (payload: string) => `{"documentId":"attacked-1",${payload}}`;

/** Packets that once did harm, or that no library would write. `#` is the acknowledgement's number. */
const packets: readonly RawPacket[] = [
  ["42#[5]"],
  ["42#[1e999,{}]"],
  ["42#[-0]"],
  [`42#["say",${document('"id":"1","text":"\\ud800"')}]`],
  [`42#["say",${document('"id":"\\udfff","text":"x"')}]`],
  [`42#["join-document",{"documentId":".."}]`],
  [`42#["join-document",${nestedJson(100_000, "array")}]`],
  [`42#["join-document",{"documentId":${nestedJson(100_000, "object")}}]`],
  [`42#["${"x".repeat(1_000_000)}",{}]`],
  [`42#["put",${document(`"data":"${"A".repeat(5_000_000)}"`)}]`],
  [`42#[${'"leave-document",'.repeat(50_000)}1]`],
  [`451-#["put",${document('"data":{"_placeholder":true,"num":0}')}]`, new Uint8Array(5_000_000)],
  [`451-#["put",{"_placeholder":true,"num":0}]`, new Uint8Array(10)],
  [`451-#[{"_placeholder":true,"num":0},{}]`, new Uint8Array(10)],
  ...ofFeatures.flatMap((each) => each.packets),
];

export const eventAttack: Attack = {
  name: "events",
  title: "every event of the contract, its payload nearly right or not at all",
  weight: 48,
  async run(context) {
    const pool = createPool(4, { port: context.port }, async (attacker) => {
      for (const documentId of ["attacked-1", "attacked-2", "__proto__", "constructor"])
        await attacker.request("join-document", { documentId });
    });
    try {
      return sum([
        await replay(packets, async ([text, ...attachments]) => {
          const attacker = await pool.next();
          return judge(await attacker.requestText((id) => text.replace("#", String(id)), ...attachments));
        }),
        await fuzz(context, events, async (args) => judge(await (await pool.next()).request(...args))),
      ]);
    } finally {
      await pool.close();
    }
  },
};
