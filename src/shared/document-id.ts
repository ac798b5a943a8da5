import * as v from "valibot";

/** A document's name, as it stands in URLs, keys and events. */
export const documentIdSchema = v.pipe(
  v.string(),
  v.regex(/^[A-Za-z0-9._-]{1,128}$/, "expected 1-128 of A-Za-z0-9._-"),
  v.check(
    (id) => id !== "." && id !== "..",
    "expected more than . or .., which mean something else in a URL",
  ),
);
