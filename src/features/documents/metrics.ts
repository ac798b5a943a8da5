import type { Observability } from "../../platform/observability/metrics.ts";
import type { Documents } from "./documents.ts";

/** Counts what is asked of stores; for `createDocuments`. */
export function countDocuments({ metrics }: Observability) {
  return {
    onLoad: metrics.counter(
      "trimaran_document_loads_total",
      "Times that a store was asked for a document: once for all who ask at the same time.",
    ),
    onMerge: metrics.counter(
      "trimaran_document_merges_total",
      "Times that a document's log was merged in its store.",
    ),
  };
}

export function watchDocuments({ metrics }: Observability, { stats, journalled }: Documents): void {
  metrics.gauge("trimaran_documents_open", "Documents with members here.", () => stats().open);
  metrics.gauge("trimaran_documents_bytes", "Bytes of documents kept in memory.", () => stats().bytes);
  metrics.gauge(
    "trimaran_journal_documents",
    "Documents with changes that only this replica has, until Redis has them.",
    journalled,
  );
}
