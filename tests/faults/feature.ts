import type { RoomMember, TrimaranClient } from "../../src/client/index.ts";
import type { Wait } from "./machine.ts";

/*
 * What a feature of the app does in every scenario, beside what members say to each other. Its module is
 * `faults/workload.ts` of the feature's tests, and exports `workload`.
 */
export interface FeatureWorkload {
  /** What members do, in the plural, such as `edits`. */
  acts: string;
  /** Columns of the report: what is counted, and its name in `figures`. */
  columns: readonly (readonly [title: string, figure: string])[];
  sabotages: readonly Sabotage[];
  /** Called for each scenario, before its members come. */
  start: (documentId: string) => FeatureRun;
}

/** A feature in one scenario. */
export interface FeatureRun {
  /** Called before the member's socket connects. */
  addMember: (name: string, socket: TrimaranClient) => FeatureMember;
  /** Whether all that members did is acknowledged. */
  isAcknowledged: () => boolean;
  /** Whether all that members did is at all of them. */
  isEverywhere: () => boolean;
  /** @returns whether all members have what members did until this call. */
  hasAll: () => () => boolean;
  /** The load has ended: keeps what members have now, for `outcome`. */
  keep: () => void;
  /** Keeps what a new client finds at a replica, for `outcome`. */
  visit: (url: string, where: string) => Promise<void>;
  /** A pure function of what happened so far. */
  outcome: () => Outcome;
}

/** The feature's part of one member. */
export interface FeatureMember {
  /** Where the feature joins the room; without it the platform's client does. */
  membership?: RoomMember;
  /** Does one thing. */
  act: () => void;
  close: () => void;
}

export interface Outcome {
  figures: Record<string, number>;
  /** From each act to its acknowledgement, Infinity without one; held against the bounds of acknowledgements. */
  acks: readonly Wait[];
  /** What should hold and does not, with examples; an empty list of examples is none. */
  broken: readonly (readonly [what: string, found: string[]])[];
}

/** A bug that is put into a replica to see that the suite finds it. */
export interface Sabotage {
  name: string;
  /**
   * `drop`, `double`: one push is not delivered, or twice. `lose`, `late`: from some time on all are not delivered, or
   * 3 s late.
   */
  bug: "drop" | "double" | "lose" | "late";
  /** The push that it happens to. */
  push: string;
  /** Part of the violation that the suite must report. */
  finds: string;
}
