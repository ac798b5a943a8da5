import * as v from "valibot";
import { count } from "../../platform/util/variables.ts";

/** Bounds of a document. */
export const settings = {
  MAX_DOCUMENT_BYTES: v.optional(count(1024, 2 ** 29), String(2 ** 25)),
  MAX_DOCUMENT_UPDATES: v.optional(count(2, 100_000), "200"),
};
