interface Edit {
  /** The clock after it, of the Yjs client that made it. */
  endClock: number;
  madeAt: number;
  /** Those who do not see it yet. */
  left: number;
}

/** Edits of one document, and how long each took until all who look saw it. */
export interface Edits {
  made: (clientId: number, endClock: number) => void;
  /** A viewer has all that a Yjs client did up to this clock. */
  seen: (viewer: number, clientId: number, endClock: number) => void;
  /** Forgets those made so far. */
  reset: () => void;
  tally: () => EditTally;
}

export interface EditTally {
  edits: number;
  /** Of those that all saw: milliseconds until the last one did. */
  delaysMs: number[];
  /** Edits that someone still does not see. */
  undelivered: number;
}

/** @param viewersOfEdit how many look at an edit: all but the one who makes it. */
export function createEdits(viewersOfEdit: number): Edits {
  const byClient = new Map<number, Edit[]>();
  /** For each viewer: how many of a client's edits it saw. */
  const sights: Map<number, number>[] = [];
  let delaysMs: number[] = [];

  return {
    made(clientId, endClock) {
      let edits = byClient.get(clientId);
      if (!edits) byClient.set(clientId, (edits = []));
      edits.push({ endClock, madeAt: performance.now(), left: viewersOfEdit });
    },
    seen(viewer, clientId, endClock) {
      const edits = byClient.get(clientId);
      if (!edits) return;
      const sight = (sights[viewer] ??= new Map());
      let next = sight.get(clientId) ?? 0;
      for (let edit = edits[next]; edit && edit.endClock <= endClock; edit = edits[next]) {
        next += 1;
        edit.left -= 1;
        if (edit.left === 0) delaysMs.push(performance.now() - edit.madeAt);
      }
      sight.set(clientId, next);
    },
    reset() {
      byClient.clear();
      sights.length = 0;
      delaysMs = [];
    },
    tally() {
      const all = [...byClient.values()].flat();
      return { edits: all.length, delaysMs, undelivered: all.filter(({ left }) => left > 0).length };
    },
  };
}

/** Of several documents as one. */
export function sumTallies(tallies: readonly EditTally[]): EditTally {
  return {
    edits: tallies.reduce((sum, { edits }) => sum + edits, 0),
    delaysMs: tallies.flatMap((tally) => tally.delaysMs),
    undelivered: tallies.reduce((sum, { undelivered }) => sum + undelivered, 0),
  };
}
