import { importOfFeatures } from "../../support/of-features.ts";

/** Replicas that a fixture is written by. */
export interface Writing {
  url: (index: number) => string;
  redisPort: number;
}

/** What a feature leaves behind in a fixture. */
export interface FixtureWriter {
  /** More variables of the three replicas. */
  clusterEnv: Record<string, string>;
  /** On a server alone, before it is stopped as it should be. */
  beforeStop: (url: string) => Promise<void>;
  /** On a server alone, before it is killed. @returns what its `expected.json` says of the feature. */
  beforeKill: (url: string) => Promise<Record<string, unknown>>;
  /** On three replicas, while Redis is up. */
  whileUp: (replicas: Writing) => Promise<void>;
  /** Again and again, while Redis is killed. */
  whileDying: (index: number) => void;
  whileDown: (replicas: Writing) => Promise<void>;
  /** At last. @returns what `expected.json` says of the feature in the cluster. */
  finish: () => Promise<Record<string, unknown>>;
}

interface FeatureFixture {
  createFixtureWriter: () => FixtureWriter;
}

/** Those of features whose tests have a file `upgrade/write.ts`. */
export async function createFixtureWriters(): Promise<FixtureWriter[]> {
  const ofFeatures = await importOfFeatures<FeatureFixture>("upgrade/write.ts");
  return ofFeatures.map(({ createFixtureWriter }) => createFixtureWriter());
}

/** What all of them return, in one. */
export const merged = (all: readonly Record<string, unknown>[]): Record<string, unknown> =>
  Object.assign({}, ...all) as Record<string, unknown>;
