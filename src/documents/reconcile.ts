import type { Logger } from "../shared/log.ts";
import type { DocumentChange } from "./documents.ts";
import type { OpenDocument } from "./open-document.ts";
import type { LocalStore, SharedStore } from "./stores.ts";
import { covers, diffUpdate, mergeUpdates, stateVectorOf } from "./updates.ts";

export interface ReconcileParts {
  local: LocalStore;
  shared: SharedStore;
  open: Map<string, OpenDocument>;
  /** Told what the shared store has of an open document and this replica had not. */
  missed: (change: DocumentChange) => void;
  log: Logger;
}

/** Documents worked on at once: enough to hide round trips, too few to crowd out live changes. */
const parallel = 8;

/**
 * Brings documents that are open here or journalled here together with the shared store, in both
 * directions. Positions are not trusted: Redis may be back empty, older, or with another clock.
 * A document that fails keeps its journal for the next time.
 */
export async function reconcile(documentIds: string[], parts: ReconcileParts): Promise<DocumentChange[]> {
  const queue = documentIds;
  const pushed: DocumentChange[] = [];
  const failures: unknown[] = [];

  async function worker(): Promise<void> {
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      try {
        const update = await reconcileOne(parts, id);
        if (update) pushed.push({ documentId: id, update });
      } catch (error) {
        failures.push(error);
        parts.log.warn({ documentId: id, err: error }, "a document could not be brought together yet");
      }
    }
  }

  await Promise.all(Array.from({ length: parallel }, worker));
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} documents are not shared yet`);
  return pushed;
}

/** @returns what other replicas may not have heard of, or undefined. */
async function reconcileOne(
  { local, shared, open, missed }: ReconcileParts,
  documentId: string,
): Promise<Uint8Array | undefined> {
  const { updates, position } = await shared.read(documentId);
  const theirs = mergeUpdates(updates);
  // Taken after the read, so that nothing appended in between is left out.
  const journal = local.read(documentId);
  const document = open.get(documentId);
  const ours = mergeUpdates([...journal.updates, document?.state() ?? mergeUpdates([])]);

  let news: Uint8Array | undefined;
  if (!covers(theirs, ours)) {
    news = diffUpdate(ours, stateVectorOf(theirs));
    await shared.append(documentId, news);
  } else if (journal.updates.length > 0) {
    // The store has it, from an append that was not known to have been taken; nobody else was told.
    news = mergeUpdates(journal.updates);
  }
  if (journal.mark > 0) await local.forget(documentId, journal.mark);

  if (document) {
    if (!covers(ours, theirs)) missed({ documentId, update: diffUpdate(theirs, stateVectorOf(ours)) });
    document.add([theirs]);
    document.position = position;
  }
  return news;
}
