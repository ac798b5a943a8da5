/**
 * Milliseconds of processor time that this process has used. For what work in one piece costs: by the clock it
 * would also cost what other processes do meanwhile.
 */
export function cpuTimeMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
