/** What looking at deeper or wider values would add is not worth its time: they are refused for other reasons. */
const maxVisited = 64;

/** About how many bytes a decoded event took on its way: text and binary count, the rest next to nothing. */
export function sizeOf(args: readonly unknown[]): number {
  const waiting: unknown[] = [...args];
  let bytes = 1;
  for (let visited = 0; visited < waiting.length && visited < maxVisited; visited += 1) {
    const value = waiting[visited];
    if (typeof value === "string") bytes += value.length;
    else if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) bytes += value.byteLength;
    else if (Array.isArray(value)) waiting.push(...value.slice(0, maxVisited));
    else if (typeof value === "object" && value !== null) {
      for (const key in value) {
        if (waiting.length > maxVisited) break;
        waiting.push((value as Record<string, unknown>)[key]);
      }
    } else bytes += 8;
  }
  return bytes;
}
