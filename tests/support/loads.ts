import { importOfFeatures } from "./of-features.ts";

/**
 * Puts a feature to work in a room, one client on each of the addresses, until `end`. That throws when something that
 * was acknowledged is lost, or was not this load's.
 */
export type StartLoad = (urls: readonly string[], room: string) => Promise<{ end: () => Promise<void> }>;

const modules = await importOfFeatures<{ useLoad: () => StartLoad }>("load.ts");

/**
 * What each feature does, for tests of the platform in which features with stores of their own must come to no harm:
 * `load.ts` in the folder of a feature's tests has its own.
 */
export function useLoads(): StartLoad {
  const starts = modules.map(({ useLoad }) => useLoad());
  return async (urls, room) => {
    const loads = await Promise.all(starts.map((start) => start(urls, room)));
    return { end: async () => void (await Promise.all(loads.map(({ end }) => end()))) };
  };
}
