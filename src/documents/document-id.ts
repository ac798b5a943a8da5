import * as v from "valibot";

/** A document's name, as it stands in URLs, keys and events. `.` and `..` mean something else in a URL. */
export const documentIdSchema = v.pipe(
  v.string(),
  v.regex(/^(?!\.{1,2}$)[A-Za-z0-9._-]{1,128}$/, "expected 1-128 of A-Za-z0-9._-, and not . or .."),
);
