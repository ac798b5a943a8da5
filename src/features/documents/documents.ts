import { cpuTimeMs } from "../../platform/util/cpu-time.ts";
import { Refusal } from "../../platform/util/errors.ts";
import type { Logger } from "../../platform/observability/log.ts";
import { createSignal } from "../../platform/util/signal.ts";
import { type Exchange, OpenDocument } from "./open-document.ts";
import { type Publish, reconcile } from "./reconcile.ts";
import { coalesceReads } from "./coalesce-reads.ts";
import type { DocumentChange, LocalStore, SharedStore, Stored } from "./stores.ts";
import { isEmptyUpdate, maxDocumentStructs, mergeUpdates, structsOf } from "./updates.ts";

export interface DocumentsOptions {
  local: LocalStore;
  /** Absent in `single` mode. */
  shared?: SharedStore | undefined;
  maxDocumentBytes: number;
  /** Appends after which a document's log is merged in the store. */
  maxUpdates: number;
  /** Told of every read of a document from a store, and of every merge of its log there. */
  onLoad?: () => void;
  onMerge?: () => void;
  log: Logger;
}

/** Told how much of the processor something took, in which nothing else was done. */
export type OnCost = (costMs: number) => void;

/** All documents, whichever store they lie in. */
export type Documents = ReturnType<typeof createDocuments>;

/** Fewer are merged too, when a document's last member leaves. */
const compactAfterLast = 20;

/**
 * Documents over a local store and, with Redis configured, a shared one. Appends go to the shared
 * store while it is up and to the local one otherwise; `reconcile` brings the two together again.
 */
export function createDocuments(options: DocumentsOptions) {
  const { local, shared, maxDocumentBytes, maxUpdates, log } = options;
  const open = new Map<string, OpenDocument>();
  const missed = createSignal<DocumentChange>();
  const background = new Set<Promise<void>>();

  /** Brings an open document up to date with its store; a burst of callers costs one read. */
  const refresh = coalesceReads(async (documentId: string) => {
    const document = open.get(documentId);
    if (document) await load(documentId, document);
  });

  async function load(documentId: string, document: OpenDocument): Promise<void> {
    options.onLoad?.();
    if (shared && (await loadShared(shared, documentId, document))) return;
    if (document.position === undefined) loadLocal(documentId, document);
  }

  /** @returns whether the document is as the shared store has it. */
  async function loadShared(
    store: SharedStore,
    documentId: string,
    document: OpenDocument,
  ): Promise<boolean> {
    // Someone who opens a document would rather wait for a moment than see it empty.
    const isCold = document.position === undefined;
    for (let attempts = isCold ? 2 : 1; attempts > 0; attempts -= 1) {
      if (!(isCold ? await store.answersSoon() : store.isUp())) return false;
      try {
        const { updates, position } = await store.read(documentId, document.position);
        if (isCold) document.unmerged = updates.length;
        document.add(updates);
        document.position = position;
        return true;
      } catch (error) {
        log.warn({ documentId, err: error }, "the shared store did not answer");
      }
    }
    return false;
  }

  function loadLocal(documentId: string, document: OpenDocument): void {
    try {
      const { bases, changes } = local.read(documentId);
      document.add([...bases, ...changes]);
      document.unmerged = bases.length + changes.length;
      // In `single` mode one read is enough: every later append passes through here.
      if (!shared) document.position = "local";
    } catch (cause) {
      throw new Refusal("unavailable", "the document could not be read; try again later", { cause });
    }
  }

  function inBackground(what: string, documentId: string, work: () => void | Promise<void>): void {
    const running = Promise.resolve()
      .then(work)
      .catch((error: unknown) => log.warn({ documentId, err: error }, `${what} failed, will be tried again`))
      .finally(() => background.delete(running));
    background.add(running);
  }

  function compact(documentId: string, document: OpenDocument): void {
    document.unmerged = 0;
    options.onMerge?.();
    inBackground("merging a document's log", documentId, async () => {
      if (shared?.isUp()) return shared.compact(documentId);
      const { bases, changes, mark } = local.read(documentId);
      if (bases.length <= 1 && changes.length <= 1) return;
      const [base, change] = [mergeUpdates(bases), mergeUpdates(changes)];
      await local.replace(documentId, mark, {
        bases: isEmptyUpdate(base) ? [] : [base],
        changes: isEmptyUpdate(change) ? [] : [change],
      });
    });
  }

  /** On the first change away from the shared store, the base it builds on is kept here as well. */
  async function appendLocal(documentId: string, update: Uint8Array): Promise<void> {
    const document = open.get(documentId);
    if (!shared || document?.position === undefined) return local.append(documentId, update);
    const base = document.state();
    document.position = undefined;
    await Promise.all([local.appendBase(documentId, base), local.append(documentId, update)]);
  }

  async function read(documentId: string): Promise<Uint8Array> {
    if (open.has(documentId)) return (await openDocument(documentId)).state();
    const document = new OpenDocument();
    await load(documentId, document);
    return document.state();
  }

  function check(bytes: number, structs: number): void {
    if (bytes > maxDocumentBytes)
      throw new Refusal("too_large", `a document can have ${maxDocumentBytes} bytes at most`);
    if (structs > maxDocumentStructs)
      throw new Refusal("too_large", `a document can have ${maxDocumentStructs} structs at most`);
  }

  async function openDocument(documentId: string): Promise<OpenDocument> {
    const document = open.get(documentId) ?? new OpenDocument();
    open.set(documentId, document);
    await refresh(documentId);
    return document;
  }

  return {
    /** Changes of open documents that only a reconciliation brought here. */
    onMissed: missed.on,

    /** Reads a document and keeps it in memory, current, until `release`. */
    open: async (documentId: string): Promise<Uint8Array> => (await openDocument(documentId)).state(),

    /** Opens a document for someone who has `stateVector` of it, or nothing. */
    async join(documentId: string, stateVector?: Uint8Array, onCost: OnCost = () => {}): Promise<Exchange> {
      const document = await openDocument(documentId);
      return timed(() => document.exchange(stateVector), onCost);
    },

    /** Nobody here has the document open any more. */
    release(documentId: string): void {
      const document = open.get(documentId);
      open.delete(documentId);
      if (document && document.unmerged >= Math.min(compactAfterLast, maxUpdates))
        compact(documentId, document);
    },

    /** The whole document, for someone who does not stay. Empty when there is none. */
    read,

    /** @throws {Refusal} `too_large` when the document would pass its bound. */
    checkSize(documentId: string, update: Uint8Array): void {
      const { bytes = 0, structs = 0 } = open.get(documentId) ?? {};
      check(bytes + update.length, structs + structsOf(update));
    },

    /** Whether changes go to the shared store now. */
    isShared: (): boolean => shared?.isUp() ?? false,

    /**
     * Stores one checked update durably, and says where.
     * @throws {Refusal} `unavailable` when nothing could store it.
     */
    async append(documentId: string, update: Uint8Array, onCost: OnCost = () => {}): Promise<Stored> {
      const document = open.get(documentId);
      const stored = await appendToStore(documentId, update);
      if (document) {
        timed(() => document.add([update]), onCost);
        document.unmerged += 1;
        if (document.unmerged >= maxUpdates) compact(documentId, document);
      }
      return stored;
    },

    /**
     * Keeps an update that the shared store has already, for `reconcile` to tell the other replicas of.
     * @throws {Refusal} `unavailable` when it could not be stored.
     */
    journal: appendLocal,

    /** Another replica's change to a document that may be open here. */
    noteRemote({ documentId, update }: DocumentChange): void {
      open.get(documentId)?.add([update]);
    },

    /**
     * Makes the shared store and what is here equal. Run whenever the shared store is back.
     * @param scope `journal` does only what was changed meanwhile: for when the store surely kept its data.
     * @param publish given what members on other replicas may not have heard of.
     * @returns how many documents that were.
     */
    async reconcile(scope: "journal" | "everything", publish: Publish): Promise<number> {
      if (!shared) return 0;
      // A document without a position was opened, or changed, when the shared store did not answer.
      const doubtful = [...open].filter(
        ([, { position }]) => scope === "everything" || position === undefined,
      );
      const ids = new Set([...local.documentIds(), ...doubtful.map(([id]) => id)]);
      return reconcile([...ids], { local, shared, open, missed: missed.emit, publish, log });
    },

    stats: () => ({
      open: open.size,
      bytes: [...open.values()].reduce((sum, document) => sum + document.bytes, 0),
    }),

    /** Documents kept here until the shared store has them; in `single` mode here is where they belong. */
    journalled: (): number => (shared ? local.documentIds().length : 0),

    /** Waits for work in the background. The stores stay open. */
    async close(): Promise<void> {
      await Promise.all(background);
    },
  };

  async function appendToStore(documentId: string, update: Uint8Array): Promise<Stored> {
    if (shared?.isUp()) {
      try {
        await shared.append(documentId, update);
        return "shared";
      } catch (error) {
        log.warn({ documentId, err: error }, "shared store refused a change, keeping it here");
      }
    }
    await appendLocal(documentId, update);
    return "local";
  }
}

function timed<T>(work: () => T, onCost: OnCost): T {
  const before = cpuTimeMs();
  try {
    return work();
  } finally {
    onCost(cpuTimeMs() - before);
  }
}
