import * as fc from "fast-check";
import type { FeatureAttacks } from "../../../security/attack.ts";
import { insertion } from "../support/yjs.ts";
import { weightAttack } from "./weight.ts";
import { yjsAttack } from "./yjs.ts";

/* What tests/security attacks documents with. */

export const attacks: FeatureAttacks["attacks"] = [yjsAttack, weightAttack];

export const bytes: FeatureAttacks["bytes"] = {
  update: fc.oneof(
    fc.string().map((text) => insertion(text)),
    fc.uint8Array({ maxLength: 200 }),
  ),
};

const change = (update: string) => `["send-changes",{"documentId":"attacked-1","update":${update}}]`;
const attached = '{"_placeholder":true,"num":0}';

export const packets: FeatureAttacks["packets"] = [
  [`42#${change(`"${"A".repeat(5_000_000)}"`)}`],
  [`451-#${change(attached)}`, new Uint8Array(5_000_000)],
  [`451-#["send-changes",${attached}]`, new Uint8Array(10)],
];
