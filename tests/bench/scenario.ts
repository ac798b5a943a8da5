/** What one run measured: names carry their unit, such as `cpuUsPerDelivery`. */
export type Figures = Record<string, number>;

export interface RunOptions {
  /** Less of everything, for a look in passing: ratios hold roughly, tails do not. */
  quick: boolean;
  seed: number;
  /** The folder of the checkout whose server is measured: this tree, or another commit. */
  source: string;
  /** Something worth telling with the results, such as that the load generator was the bottleneck. */
  note: (text: string) => void;
  /** Something that must not be on any machine, such as a message that did not arrive. */
  problem: (text: string) => void;
}

/** One of those that are compared. A run starts what it needs, and stops it. */
export interface Contender {
  /** Of a server of ours it starts with `Trimaran`. */
  name: string;
  /** The folder whose packages it needs, which only the benchmark installs: see `install.ts`. */
  peers?: URL | undefined;
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
  /** Figures that say how much was done, not how well: neither more nor less of them is better. */
  amounts?: readonly string[];
}
