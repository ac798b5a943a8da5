/**
 * Milliseconds on a clock that all processes of a machine share, true to some microseconds on every
 * runtime. `process.hrtime` is no such clock: on Bun and Deno it starts with the process.
 */
export function sharedMs(): number {
  return performance.timeOrigin + performance.now();
}
