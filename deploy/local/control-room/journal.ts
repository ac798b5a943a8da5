import type { LogLine } from "./contract.ts";

const kept = 200;

/** What happened, newest last, of which a bounded number is kept. */
export function createJournal(now: () => number = Date.now) {
  let lines: LogLine[] = [];
  let nextId = 1;
  return {
    add(text: string, kind: LogLine["kind"] = "note"): void {
      lines = [...lines, { id: nextId, at: now(), text, kind }].slice(-kept);
      nextId += 1;
    },
    /** @param id of the last line that is known already; 0 for all that are kept. */
    after: (id: number): LogLine[] => lines.filter((line) => line.id > id),
  };
}

export type Journal = ReturnType<typeof createJournal>;
