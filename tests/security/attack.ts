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
