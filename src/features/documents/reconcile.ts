import type { Logger } from "../../platform/observability/log.ts";
import type { OpenDocument } from "./open-document.ts";
import type { DocumentChange, LocalStore, SharedStore } from "./stores.ts";
import { covers, diffUpdate, emptyUpdate, mergeUpdates, stateVectorOf } from "./updates.ts";

export interface ReconcileParts {
  local: LocalStore;
  shared: SharedStore;
  open: Map<string, OpenDocument>;
  /** Told what the shared store has of an open document and this replica had not. */
  missed: (change: DocumentChange) => void;
  publish: Publish;
  log: Logger;
}

/** Tells the members on other replicas of a change; false when nobody was told. */
export type Publish = (change: DocumentChange) => Promise<boolean>;

/** Documents worked on at once: enough to hide round trips, too few to crowd out live changes. */
const parallel = 8;

/**
 * Brings documents that are open here or journalled here together with the shared store, in both
 * directions. Positions are not trusted: Redis may be back empty, older, or with another clock.
 * A document that fails keeps its journal for the next time.
 */
export async function reconcile(documentIds: string[], parts: ReconcileParts): Promise<number> {
  const queue = documentIds;
  let pushed = 0;
  const failures: unknown[] = [];

  async function worker(): Promise<void> {
    for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
      try {
        if (await reconcileOne(parts, id)) pushed += 1;
      } catch (error) {
        failures.push(error);
        parts.log.warn({ documentId: id, err: error }, "a document could not be merged yet");
      }
    }
  }

  await Promise.all(Array.from({ length: parallel }, worker));
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} documents are not shared yet`);
  return pushed;
}

/** @returns whether there was something that other replicas may not have heard of. */
async function reconcileOne(
  { local, shared, open, missed, publish }: ReconcileParts,
  documentId: string,
): Promise<boolean> {
  const { updates, position } = await shared.read(documentId);
  const theirs = mergeUpdates(updates);
  // Taken after the read, so that nothing appended in between is left out.
  const journal = local.read(documentId);
  const document = open.get(documentId);
  const ours = mergeUpdates([...journal.bases, ...journal.changes, document?.state() ?? emptyUpdate]);

  // The store may have some of the journal, from appends that were not known to have been taken; the
  // other replicas were told of none of it.
  const news = [...journal.changes];
  if (!covers(theirs, ours)) {
    const lacking = diffUpdate(ours, stateVectorOf(theirs));
    await shared.append(documentId, lacking);
    news.push(lacking);
  }
  const update = mergeUpdates(news);
  if (news.length > 0 && !(await publish({ documentId, update }))) {
    // In the store now, so that only the journal still knows that nobody was told.
    if (journal.changes.length === 0) await local.append(documentId, update);
    throw new Error("Redis went away before the other replicas were told");
  }
  if (journal.mark > 0) await local.forget(documentId, journal.mark);

  if (document) {
    if (!covers(ours, theirs)) missed({ documentId, update: diffUpdate(theirs, stateVectorOf(ours)) });
    document.add([theirs, ...journal.bases, ...journal.changes]);
    document.position = position;
  }
  return news.length > 0;
}
