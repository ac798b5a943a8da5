import * as v from "valibot";
import { count } from "../../platform/util/variables.ts";

/** Bounds of a document. */
export const settings = {
  MAX_DOCUMENT_BYTES: v.optional(
    v.pipe(count(1024, 2 ** 29), v.description("bytes of a document")),
    String(2 ** 25),
  ),
  MAX_DOCUMENT_UPDATES: v.optional(
    v.pipe(
      count(2, 100_000),
      v.description("changes after which a document's log is merged into its snapshot"),
    ),
    "200",
  ),
};
