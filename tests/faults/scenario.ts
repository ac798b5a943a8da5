import type { Bounds } from "./checker.ts";
import type { Context } from "./context.ts";

/** One fault, or a series of them, under load. */
export interface Scenario {
  name: string;
  title: string;
  /** Whether `npm run test:all` runs it, in a short form. */
  ci: boolean;
  /** One of the few that `npm test` runs, in the same short form. */
  core?: boolean;
  run: (context: Context) => Promise<void>;
  bounds?: Bounds;
  /** Clients at work; 6 if left out. */
  members?: number;
  /** Clients go to replicas in turn, not through the balancer. */
  pinned?: boolean;
  /** A proxy stands between each replica and Redis. */
  proxied?: boolean;
  /** One replica only. */
  replicas?: 1;
  /** No Redis configured. */
  single?: boolean;
  redisAtStart?: false;
  /** Clients come at once, and not only when all replicas have found Redis. */
  cold?: boolean;
  env?: Record<string, string>;
}

/** What waits are allowed while Redis is away, and its data lost with it. */
export const lossyBounds: Bounds = { maxAckMs: 1000, p99AckMs: 250, p99LocalMs: 50 };

/** The same where Redis keeps what it has: then nothing is missing anywhere, told or not. */
export const awayBounds: Bounds = { ...lossyBounds, nobodyTold: true };

/** A wait that no promise bounds ends after this time: it hangs. Long enough for a machine with much else to do. */
export const patienceMs = 60_000;

/** The same where Redis does not refuse, but hangs. */
export const hangBounds: Bounds = { ...awayBounds, hang: true };

/** What was sent and done is on all replicas so soon after Redis is back. */
export const togetherMs = 2000;
