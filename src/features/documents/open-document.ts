import {
  diffUpdate,
  emptyStateVector,
  isSameBytes,
  mergeUpdates,
  stateVectorOf,
  structsOf,
} from "./updates.ts";
import type { Position } from "./stores.ts";

/** Small updates are kept apart until they weigh this much against the merged rest. */
const tailRatio = 0.25;
const tailMinBytes = 64 * 1024;
const tailMaxCount = 256;

/** What a client and this replica tell each other when it joins. */
export interface Exchange {
  /** What the client lacks. */
  update: Uint8Array;
  /** What is here. */
  stateVector: Uint8Array;
}

/**
 * What this replica knows of a document that is open here: a merged base and the updates since.
 * Merging on every keystroke would cost the whole document each time; this way it is amortized.
 */
export class OpenDocument {
  /** Up to where the shared log is included; undefined before the first read and after a doubt. */
  position: Position | undefined;
  /** Updates since the last merge in the store: what decides when to merge there. */
  unmerged = 0;
  #base: Uint8Array = mergeUpdates([]);
  #tail: Uint8Array[] = [];
  #tailBytes = 0;
  #structs = 0;
  /** The latest exchange: a thousand who join at once cost what one does. */
  #latest: (Exchange & { of: Uint8Array; theirs: Uint8Array }) | undefined;

  get bytes(): number {
    return this.#base.length + this.#tailBytes;
  }

  /** Structs and deletions; those that came twice may be counted twice until the next merge. */
  get structs(): number {
    return this.#structs;
  }

  add(updates: readonly Uint8Array[]): void {
    for (const update of updates) {
      this.#structs += structsOf(update);
      this.#tail.push(update);
      this.#tailBytes += update.length;
    }
    const maxBytes = Math.max(tailMinBytes, this.#base.length * tailRatio);
    if (this.#tailBytes > maxBytes || this.#tail.length > tailMaxCount) this.state();
  }

  /** @param theirs the state vector of someone who joins. */
  exchange(theirs: Uint8Array = emptyStateVector): Exchange {
    const of = this.state();
    const latest = this.#latest?.of === of ? this.#latest : undefined;
    if (latest && isSameBytes(latest.theirs, theirs)) return latest;
    const update = isSameBytes(theirs, emptyStateVector) ? of : diffUpdate(of, theirs);
    const stateVector = latest?.stateVector ?? stateVectorOf(of);
    this.#latest = { of, theirs, update, stateVector };
    return this.#latest;
  }

  /** The whole document as one update. */
  state(): Uint8Array {
    if (this.#tail.length > 0) {
      this.#base = mergeUpdates([this.#base, ...this.#tail]);
      this.#tail = [];
      this.#structs = structsOf(this.#base);
      this.#latest = undefined;
      this.#tailBytes = 0;
    }
    return this.#base;
  }
}
