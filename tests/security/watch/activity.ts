import type { TrimaranClient } from "../../../src/client/index.ts";

/** One of two clients that use the server while it is attacked. */
export interface Bystander {
  name: string;
  socket: TrimaranClient;
}

export interface ActivityOptions {
  url: string;
  /** Of these two alone. */
  room: string;
  /** For requests over HTTP. */
  headers: Record<string, string>;
  bystanders: readonly [Bystander, Bystander];
  /** Does something, and notes how long it took. */
  timed: (action: () => Promise<unknown>) => Promise<void>;
  /** Notes what is not as it would be without attackers. */
  onDamage: (what: string) => void;
}

/** What two clients do in turns. */
export interface Activity {
  isReady: () => boolean;
  /** The one does something that the other sees. */
  turn: (index: number, doer: number) => Promise<void>;
  /** Notes as damage what they do not have alike, and starts anew. */
  compare: () => Promise<void>;
}

/** What the tests of a feature have bystanders do, in their file `security/activity.ts`. */
export interface FeatureActivity {
  createActivity: (options: ActivityOptions) => Activity;
}

/** Only ends a hang. */
export const patienceMs = 60_000;
