/* What runs of scenarios give, as files in `results` keep it. */

export interface Figures {
  sent: number;
  delivered: number;
  lost: number;
  /** Missing, but the client knows: it was not recovered, or told to resync. */
  told: number;
  doubled: number;
  reordered: number;
  /** Connects after the first of each member, and how many of them the server called recovered. */
  reconnects: number;
  recovered: number;
  /** Longest time in which a member was sent nothing. */
  silenceMs: number;
  /** As measured, the machine's part included. */
  ackP99Ms: number;
  localP99Ms: number;
  /** How late the machine itself was then, for 99 of 100 rounds of the probe; results of earlier versions lack it. */
  machineP99Ms?: number;
  /** What features count: see `columns` in feature.ts. */
  [ofFeature: string]: number | undefined;
}

export interface Result {
  scenario: string;
  title: string;
  runtime: string;
  seed: number;
  figures: Figures | undefined;
  /** Most of a replica's resident memory, and share of a core that all replicas used together: figures, not bounds. */
  maxMegabytes: number;
  cpuShare: number;
  seconds: number;
  /** Results of before 2026-11-28 were measured up to three times when only a figure was past its bound. */
  measurements?: number;
  violations: string[];
}

/** Everything that is known of one version of the sources. */
export interface Results {
  date: string;
  /** Names the sources that were tested. */
  sources: string;
  hardware: string;
  versions: Record<string, string>;
  results: Result[];
}
