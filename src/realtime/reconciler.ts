import type { DocumentChange, Documents } from "../documents/documents.ts";
import { mergeUpdates } from "../documents/updates.ts";
import type { Logger } from "../shared/log.ts";
import { documentRoom } from "./rooms.ts";
import type { TrimaranServer } from "./server.ts";

export interface ReconcilerOptions {
  io: TrimaranServer;
  documents: Documents;
  log: Logger;
}

const retryMs = 1000;
const mergeAfter = 100;
const maxDocuments = 100;

/** Keeps open documents current with the other replicas, and brings them together after an outage. */
export function createReconciler({ io, documents, log }: ReconcilerOptions) {
  let running: Promise<void> | undefined;
  /** Changes that members here got, and those on other replicas not. */
  let unpublished = new Map<string, Uint8Array[]>();
  let wanted: "nothing" | "journal" | "everything" = "nothing";

  documents.onMissed(({ documentId, update }) => {
    io.local.to(documentRoom(documentId)).emit("receive-changes", { documentId, update });
  });

  async function reconcile(): Promise<void> {
    while (wanted !== "nothing") {
      const scope = wanted;
      wanted = "nothing";
      try {
        const pushed = await documents.reconcile(scope);
        // To members on other replicas; those here have it already, and it does them no harm.
        for (const change of [...pushed, ...takeUnpublished()]) {
          io.to(documentRoom(change.documentId)).emit("receive-changes", change);
        }
        if (pushed.length > 0) {
          log.info({ documents: pushed.length }, "changes made while Redis was away are shared now");
        }
      } catch (error) {
        log.warn({ err: error }, "not all documents could be brought together, trying again");
        want(scope);
        await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
      }
    }
  }

  function takeUnpublished() {
    const changes = [...unpublished].map(([documentId, updates]) => ({
      documentId,
      update: mergeUpdates(updates),
    }));
    unpublished = new Map();
    return changes;
  }

  function want(scope: "journal" | "everything"): void {
    if (wanted !== "everything") wanted = scope;
  }

  return {
    /**
     * Runs now, and once more if it is running already. Never rejects.
     * @param journalOnly when Redis surely has what it had: then only the journal is to be shared.
     */
    run(journalOnly: boolean): void {
      want(journalOnly ? "journal" : "everything");
      running ??= reconcile().finally(() => (running = undefined));
    },

    /**
     * A change went to members here alone, because Redis is away. Even if it is in the shared store (its
     * append may have been taken without our knowing), the other replicas have not heard of it.
     */
    noteUnpublished(event: string, payload: unknown): void {
      if (event !== "receive-changes") return;
      const { documentId, update } = payload as DocumentChange;
      const updates = [...(unpublished.get(documentId) ?? []), update];
      // What could not be stored in Redis either is in the journal, and told from there: this is for the
      // few that could, so the oldest may go before many documents fill the memory.
      for (const oldest of unpublished.keys()) {
        if (unpublished.size < maxDocuments) break;
        unpublished.delete(oldest);
      }
      // Merged now and then: no more than a document's own size.
      unpublished.set(documentId, updates.length > mergeAfter ? [mergeUpdates(updates)] : updates);
    },

    /** A change that another replica sent to a room: open documents here take it in as well. */
    noteRemote(event: string, payload: unknown): void {
      if (event !== "receive-changes") return;
      documents.noteRemote(payload as DocumentChange);
    },
  };
}
