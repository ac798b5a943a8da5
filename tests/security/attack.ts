import type * as fc from "fast-check";
import type { FuzzOptions, Outcomes } from "./fuzz.ts";

export type Via = "direct" | "caddy";

/** Where attackers are, and how much they do. */
export interface AttackContext extends FuzzOptions {
  port: number;
  via: Via;
}

/** One kind of hostile input. */
export interface Attack {
  name: string;
  title: string;
  /** Whether the balancer makes no difference to it. */
  directOnly?: boolean;
  /** Its part of all cases. */
  weight: number;
  /** @throws {Error} when the answer is none of the contract: with the case, and how to send it again. */
  run: (context: AttackContext) => Promise<Outcomes>;
}

/** The text of a packet, in which `#` stands for the acknowledgement's number, and its attachments. */
export type RawPacket = readonly [text: string, ...attachments: Uint8Array[]];

/** What the tests of a feature add to the attacks, in their file `security/attacks.ts`. */
export interface FeatureAttacks {
  attacks: readonly Attack[];
  /** What fits fields with bytes in its events, by the field's name. */
  bytes: Record<string, fc.Arbitrary<Uint8Array>>;
  /** Packets of its events that once did harm. */
  packets: readonly RawPacket[];
}
