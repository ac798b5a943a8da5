import { mergeUpdates } from "./updates.ts";
import type { Position } from "./stores.ts";

/** Small updates are kept apart until they weigh this much against the merged rest. */
const tailRatio = 0.25;
const tailMinBytes = 64 * 1024;
const tailMaxCount = 256;

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

  get bytes(): number {
    return this.#base.length + this.#tailBytes;
  }

  add(updates: readonly Uint8Array[]): void {
    for (const update of updates) {
      this.#tail.push(update);
      this.#tailBytes += update.length;
    }
    const maxBytes = Math.max(tailMinBytes, this.#base.length * tailRatio);
    if (this.#tailBytes > maxBytes || this.#tail.length > tailMaxCount) this.state();
  }

  /** The whole document as one update. */
  state(): Uint8Array {
    if (this.#tail.length > 0) {
      this.#base = mergeUpdates([this.#base, ...this.#tail]);
      this.#tail = [];
      this.#tailBytes = 0;
    }
    return this.#base;
  }
}
