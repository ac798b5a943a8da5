/**
 * Works on items in their order, `jobs` at a time. An item that `isAlone` starts when nothing else runs, and
 * nothing starts beside it.
 */
export async function runSideBySide<T extends { isAlone?: boolean }>(
  items: readonly T[],
  jobs: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const [alone, together] = [items.filter(({ isAlone }) => isAlone), items.filter(({ isAlone }) => !isAlone)];
  const waiting = together.values();
  const lane = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: jobs }, lane));
  for (const item of alone) await work(item);
}
