import * as v from "valibot";

/** Bytes. Browsers and long-polling may bring an ArrayBuffer. */
export const bytes = v.pipe(
  v.union([v.instance(Uint8Array), v.instance(ArrayBuffer)], "expected binary data"),
  v.transform((data): Uint8Array => (data instanceof Uint8Array ? data : new Uint8Array(data))),
);

/** Half a character has no UTF-8: on its way through Redis it would become something else, on some replicas. */
export const wellFormed = v.check((value: string) => value.isWellFormed(), "expected well-formed Unicode");
