import type { SharedStore } from "../../../../src/features/documents/stores.ts";
import { mergeUpdates } from "../../../../src/features/documents/updates.ts";
import { Refusal } from "../../../../src/platform/util/errors.ts";

/** The shared store's port in memory: what unit tests use where production has Redis. */
export function createMemorySharedStore() {
  const logs = new Map<string, Uint8Array[]>();
  const state = { up: true, reads: 0, compactions: 0 };

  function check(): void {
    if (!state.up) throw new Refusal("unavailable", "away");
  }

  const store: SharedStore = {
    isUp: () => state.up,
    answersSoon: async () => state.up,
    async append(id, update) {
      check();
      logs.set(id, [...(logs.get(id) ?? []), update]);
    },
    async read(id, since) {
      check();
      state.reads += 1;
      const log = logs.get(id) ?? [];
      return { updates: log.slice(Number(since ?? 0)), position: String(log.length) };
    },
    async compact(id) {
      check();
      state.compactions += 1;
      // Positions stay true: a merged log keeps its length.
      const log = logs.get(id) ?? [];
      logs.set(
        id,
        log.map((_, index) => (index === 0 ? mergeUpdates(log) : mergeUpdates([]))),
      );
    },
  };
  return { store, state, logs, content: (id: string) => mergeUpdates(logs.get(id) ?? []) };
}
