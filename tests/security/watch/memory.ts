import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

/** The resident memory of a process, in MB. Linux only, as the tests' machines are. */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

const allowedGrowth = 0.2;
/**
 * Below this a difference is the collectors' way of working: V8's young generation alone is three spaces
 * of 16 MB, and a few packets of the largest size are not collected, nor given back to the system, at once.
 * A leak of 64 MB in one attack's second half would be seen; smaller ones are for long runs to find.
 */
const floorMb = 64;

export interface MemoryWatch {
  beforeMb: number;
  afterMb: number;
  isBack: boolean;
}

/**
 * Waits until the process takes about as much as before.
 * @param use what its users go on doing: collectors start when something is allocated, and not by themselves.
 */
export async function waitForMemory(
  pid: number,
  beforeMb: number,
  deadlineMs: number,
  use: () => Promise<unknown>,
): Promise<MemoryWatch> {
  const allowedMb = beforeMb + Math.max(beforeMb * allowedGrowth, floorMb);
  const endsAt = performance.now() + deadlineMs;
  for (;;) {
    const afterMb = await residentMb(pid);
    if (afterMb <= allowedMb) return { beforeMb, afterMb, isBack: true };
    if (performance.now() > endsAt) return { beforeMb, afterMb, isBack: false };
    await use();
    await delay(20);
  }
}
