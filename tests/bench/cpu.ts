import { cpuUs } from "../support/program.ts";

/** What processes used since then: microseconds of processor time by name, and of the clock. */
export interface CpuUsed<N extends string> {
  us: Record<N, number>;
  elapsedUs: number;
}

/** Above this share of a core, it is the load generator that is measured. */
const busyShare = 0.85;

/** @returns what tells how much the processes of these ids used since this call. */
export function watchCpu<N extends string>(pids: Record<N, number>): () => CpuUsed<N> {
  const names = Object.keys(pids) as N[];
  const read = () => names.map((name) => cpuUs(pids[name]));
  const startedAt = performance.now();
  const before = read();
  return () => {
    const used = read().map((us, index) => us - (before[index] ?? 0));
    return {
      us: Object.fromEntries(names.map((name, index) => [name, used[index]])) as Record<N, number>,
      elapsedUs: (performance.now() - startedAt) * 1000,
    };
  };
}

/** Tells when a load generator was too busy for its measurements to be the servers'. */
export function noteBusyGenerator(
  name: string,
  us: number,
  elapsedUs: number,
  note: (text: string) => void,
): void {
  const share = us / elapsedUs;
  if (share > busyShare) note(`${name}: the load generator used ${Math.round(share * 100)} % of a core`);
}
