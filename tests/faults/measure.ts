import { readFileSync } from "node:fs";

const sampleEveryMs = 250;
/** Ticks a second of /proc/PID/stat: 100 on every Linux one meets. */
const ticksPerSecond = 100;

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Resident memory in bytes; undefined when the process is gone, or this is not Linux. */
export function residentBytes(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/** Processor time used so far, of all its threads. */
export function cpuSeconds(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The command's name may hold anything, but ends with the last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Watches processes' memory and processor time until stopped. */
export function createMeter(pids: () => number[]) {
  const startedAt = performance.now();
  const cpu = new Map<number, number>();
  let maxBytes = 0;
  function sample(): void {
    for (const pid of pids()) {
      maxBytes = Math.max(maxBytes, residentBytes(pid) ?? 0);
      const seconds = cpuSeconds(pid);
      if (seconds !== undefined) cpu.set(pid, seconds);
    }
  }
  sample();
  const timer = setInterval(sample, sampleEveryMs);
  return {
    maxBytes: () => maxBytes,
    /** Share of one core that all of them used together, on average. */
    cpuShare: () =>
      [...cpu.values()].reduce((sum, seconds) => sum + seconds, 0) / ((performance.now() - startedAt) / 1000),
    stop(): void {
      sample();
      clearInterval(timer);
    },
  };
}
