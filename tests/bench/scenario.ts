/** What one run measured: names carry their unit, such as `cpuUsPerDelivery`. */
export type Figures = Record<string, number>;

export interface RunOptions {
  /** Less of everything, for a look in passing: ratios hold, tails do not. */
  quick: boolean;
  seed: number;
  /** Something worth telling with the results, such as that the load generator was the bottleneck. */
  note: (text: string) => void;
}

/** One of those that are compared. A run starts what it needs, and stops it. */
export interface Contender {
  name: string;
  run: (options: RunOptions) => Promise<Figures>;
}

/** `figure` of `of`, divided by that of `to` if there is one, must be in the bounds. */
export interface Goal {
  title: string;
  figure: string;
  of: string;
  to?: string;
  /** Another figure of `to` than that of `of`. */
  toFigure?: string;
  atMost?: number;
  atLeast?: number;
}

/** Contenders run in turn, round after round, so that a slow moment of the machine meets them all. */
export interface Scenario {
  name: string;
  title: string;
  contenders: Contender[];
  goals: Goal[];
  /** Rounds of a full run; 3 if left out. */
  rounds?: number;
  /** Whether the quick bench of continuous integration runs it. */
  ci?: boolean;
}
