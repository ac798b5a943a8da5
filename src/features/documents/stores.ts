/** Where an acknowledged update lies: in the store that all replicas share, or in this replica's own. */
export type Stored = "shared" | "local";

export interface DocumentChange {
  documentId: string;
  update: Uint8Array;
}

/** What the embedded store holds of one document. */
export interface Held {
  /** States that the changes build on: needed to have the whole document, but no news to anyone. */
  bases: Uint8Array[];
  /** In the order appended. */
  changes: Uint8Array[];
}

/**
 * The embedded store of one replica. It is the only store in `single` mode, and the journal of what
 * other replicas were not told of yet otherwise.
 *
 * MUST: an update whose `append` resolved survives a crash of the process.
 * MUST NOT: lose or reorder what it holds when an append or a merge fails half-way.
 */
export interface LocalStore {
  /** Resolves once the change is on disk; rejects with a `Refusal` (`unavailable`) if it is not. */
  append(documentId: string, update: Uint8Array): Promise<void>;
  /** The same for a base. */
  appendBase(documentId: string, state: Uint8Array): Promise<void>;
  /** Everything held of one document, with the mark to `forget` it by. */
  read(documentId: string): Held & { mark: number };
  /** Replaces what `read` gave up to `mark`, in one transaction. */
  replace(documentId: string, mark: number, held: Held): Promise<void>;
  /** Drops what `read` gave up to `mark`: the shared store has it, and the other replicas were told. */
  forget(documentId: string, mark: number): Promise<void>;
  documentIds(): string[];
}

/** A place in a shared log, opaque to everyone but the store that gave it. */
export type Position = string;

/**
 * The store that all replicas share.
 *
 * MUST: reject within its deadline when it can't answer (`unavailable`), and then not at all have
 * promised anything; an update that was written all the same does no harm.
 * MUST NOT: resolve `append` before the update would survive the loss of any replica.
 */
export interface SharedStore {
  append(documentId: string, update: Uint8Array): Promise<void>;
  /** What was appended after `since`; without `since`, or when that is merged away by now, all. */
  read(documentId: string, since?: Position): Promise<{ updates: Uint8Array[]; position: Position }>;
  /** Merges the document's log into its snapshot, unless another replica is at it. */
  compact(documentId: string): Promise<void>;
  /** False while nothing is to be expected of it. */
  isUp(): boolean;
  /** The same, waiting out a pause of a moment; at once when it is known to be away for longer. */
  answersSoon(): Promise<boolean>;
}
