import * as fc from "fast-check";

/* Values that nobody who keeps to the contract would send. */

/** `[[[…]]]` or `{"a":{"a":…}}`, as text: written, not built, since its depth is past what recursion takes. */
export function nestedJson(depth: number, kind: "array" | "object"): string {
  return kind === "array"
    ? "[".repeat(depth) + "]".repeat(depth)
    : '{"a":'.repeat(depth) + "1" + "}".repeat(depth);
}

/** Depths that every runtime's own parser and printer still take. */
const nested = fc
  .tuple(fc.integer({ min: 1, max: 1500 }), fc.constantFrom("array" as const, "object" as const))
  .map(([depth, kind]) => JSON.parse(nestedJson(depth, kind)) as unknown);

const prototypes = fc
  .constantFrom(
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"__proto__":[],"toString":1,"hasOwnProperty":null,"valueOf":{}}',
    '{"then":1,"toJSON":"x","length":-1}',
  )
  .map((text) => JSON.parse(text) as unknown);

export const loneSurrogates = fc.constantFrom(
  "\ud800",
  "a\udc00b",
  "\udfff\ud800",
  `x${"\udbff".repeat(50)}`,
);

const strings = fc.oneof(
  fc.string({ unit: "binary", maxLength: 200 }),
  loneSurrogates,
  fc.constantFrom(
    "",
    ".",
    "..",
    "__proto__",
    "constructor",
    "toString",
    "\u0000",
    "\u202e\u200b",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "%2e%2e%2f",
    "{{7*7}}",
    "NaN",
  ),
  fc.integer({ min: 1000, max: 100_000 }).map((length) => "x".repeat(length)),
);

const numbers = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -0,
  -1,
  1e308,
  2 ** 53,
  -(2 ** 63),
  Number.MIN_VALUE,
);

const arrays = fc.oneof(
  fc.integer({ min: 1, max: 20_000 }).map((length) => Array.from({ length }, () => 0)),
  fc.array(fc.anything({ maxDepth: 2 }), { maxLength: 5 }),
);

/** What stands for an attachment in Socket.IO's packets, and does not fit it. */
export const placeholders = fc.oneof(
  fc
    .constantFrom<unknown>(0, 1, 5, -1, 1e9, 0.5, "0", "length", "__proto__", null, [], {}, 2 ** 53)
    .map((num) => ({ _placeholder: true, num })),
  fc.constantFrom({ _placeholder: "true", num: 0 }, { _placeholder: true }, { _placeholder: 1, num: 0 }),
);

const binary = fc.uint8Array({ maxLength: 300 });

/** Anything but what is expected. */
export const hostile: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.anything({ withTypedArray: true, maxDepth: 3 }), weight: 4 },
  { arbitrary: strings, weight: 3 },
  { arbitrary: fc.constantFrom(null, undefined, true, false), weight: 2 },
  numbers,
  nested,
  prototypes,
  arrays,
  placeholders,
  { arbitrary: binary, weight: 2 },
);
