import type { Round } from "./history.ts";

/* Pure functions: how much of a wait was the machine's doing, as rounds of the probe (probe.ts) tell it. */

/** A round this near to a wait tells how late the machine was then: lateness comes by chance, here or there. */
const nearbyMs = 1000;

export interface Wait {
  from: number;
  to: number;
}

/**
 * What the machine may have added to a wait: the latest of the rounds that ran during the wait, or within a second of
 * it. One round and not the sum of all, since a message takes about as many steps as one round. A wait of many
 * messages could be given more, but its bound has room for that.
 */
export function machineMs(rounds: readonly Round[], { from, to }: Wait): number {
  return rounds
    .filter((round) => round.to > from - nearbyMs && round.from < to + nearbyMs)
    .reduce((latest, { lateMs }) => Math.max(latest, lateMs), 0);
}

/** How long a wait was without what the machine may have added to it, so many times over. */
export function netMs(rounds: readonly Round[], wait: Wait, times = 1): number {
  return Math.max(0, wait.to - wait.from - times * machineMs(rounds, wait));
}

/** How long waits were; only of those past the bound the machine's part is taken off, for it can't matter to others. */
export function netWaits(
  rounds: readonly Round[],
  waits: readonly Wait[],
  boundMs: number,
  times = 1,
): number[] {
  return waits.map((wait) => {
    const ms = wait.to - wait.from;
    return ms > boundMs ? netMs(rounds, wait, times) : ms;
  });
}
