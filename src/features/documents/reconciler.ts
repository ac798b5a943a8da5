import type { Documents } from "./documents.ts";
import type { Logger } from "../../platform/observability/log.ts";
import { asRoomId } from "../../platform/contract/room-id.ts";
import type { Rooms } from "../../platform/gateway/handlers.ts";
import type { DocumentsContract } from "./contract.ts";

export interface ReconcilerOptions {
  rooms: Rooms<DocumentsContract>;
  documents: Documents;
  log: Logger;
}

const retryMs = 1000;

/** Keeps open documents current with the other replicas, and brings them together after an outage. */
export function createReconciler({ rooms, documents, log }: ReconcilerOptions) {
  let running: Promise<void> | undefined;
  let wanted: "nothing" | "journal" | "everything" = "nothing";

  documents.onMissed(({ documentId, update }) => {
    rooms.pushHere(asRoomId(documentId), "receive-changes", { update });
  });

  async function reconcile(): Promise<void> {
    while (wanted !== "nothing") {
      const scope = wanted;
      wanted = "nothing";
      try {
        // To members on other replicas; those here have it already, and it does them no harm.
        const pushed = await documents.reconcile(scope, ({ documentId, update }) =>
          rooms.publish(asRoomId(documentId), "receive-changes", { update }),
        );
        if (pushed > 0) log.info({ documents: pushed }, "changes made while Redis was down are shared now");
      } catch (error) {
        log.warn({ err: error }, "not all documents could be merged, trying again");
        want(scope);
        await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
      }
    }
    // In the same turn as the last look at what is wanted: nothing falls between.
    running = undefined;
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
      running ??= reconcile();
    },
  };
}
