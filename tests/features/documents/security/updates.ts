import * as fc from "fast-check";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { nestedJson } from "../../../security/arbitraries/hostile.ts";

/* Yjs updates (version 1): real ones, broken ones, and such as no Yjs would write. */

type Write = (encoder: encoding.Encoder) => void;

interface Struct {
  /** With kind 0 a gap that was collected, with 10 a gap that is missing; else what content it has. */
  kind: number;
  origin: [number, number] | undefined;
  rightOrigin: [number, number] | undefined;
  parent: string | [number, number];
  parentKey: string | undefined;
  content: Write;
}

const clientIds = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom(2 ** 32 - 1, 2 ** 53 - 1));
const clocks = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 5 }), weight: 6 },
  fc.constantFrom(2 ** 31, 2 ** 53 - 1, 2 ** 53 - 2),
);
const ids = fc.tuple(clientIds, clocks);
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }).map((text) => text.toWellFormed()),
);
const jsons = fc.oneof(
  { arbitrary: fc.json(), weight: 4 },
  fc.constantFrom('{"__proto__":{"a":1}}', "undefined", "{", "", '"\\ud800"', "1e999"),
  fc
    .tuple(fc.integer({ min: 50, max: 20_000 }), fc.constantFrom("array" as const, "object" as const))
    .map(([depth, kind]) => nestedJson(depth, kind)),
);

const text =
  (value: string): Write =>
  (encoder) =>
    encoding.writeVarString(encoder, value);
const uint =
  (value: number): Write =>
  (encoder) =>
    encoding.writeVarUint(encoder, value);
const all =
  (...writes: Write[]): Write =>
  (encoder) =>
    writes.forEach((write) => write(encoder));

const anyValues = fc
  .oneof(
    { arbitrary: fc.anything({ withTypedArray: false, maxDepth: 3 }).map(cleaned), weight: 5 },
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.uint8Array({ maxLength: 20 }),
  )
  .map(
    (value): Write =>
      (encoder) =>
        encoding.writeAny(encoder, value as never),
  );
const deepAny = fc.integer({ min: 50, max: 20_000 }).map((depth): Write => (encoder) => {
  for (let level = 0; level < depth; level += 1) encoding.writeUint8Array(encoder, Uint8Array.of(117, 1));
  encoding.writeUint8(encoder, 126);
});
const values = fc.oneof({ arbitrary: anyValues, weight: 5 }, deepAny);
const lengths = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 4 }), weight: 5 },
  fc.constantFrom(2 ** 32, 2 ** 53 - 1),
);
/** Options of a subdocument, which Yjs hands to `new Doc` as they are. */
const options = fc
  .constantFrom<object>(
    {},
    { guid: null },
    { guid: 1 },
    { gc: false },
    { gcFilter: 1 },
    { autoLoad: true, meta: [1n] },
  )
  .map(
    (value): Write =>
      (encoder) =>
        encoding.writeAny(encoder, value as never),
  );

/** What a writer of each kind of content writes. */
const contents: Record<number, fc.Arbitrary<Write>> = {
  0: lengths.map(uint),
  1: lengths.map(uint),
  2: fc.array(jsons, { maxLength: 3 }).map((list) => all(uint(list.length), ...list.map(text))),
  3: fc.uint8Array({ maxLength: 50 }).map(
    (bytes): Write =>
      (encoder) =>
        encoding.writeVarUint8Array(encoder, bytes),
  ),
  4: texts.map(text),
  5: jsons.map(text),
  6: fc.tuple(texts, jsons).map(([key, value]) => all(text(key), text(value))),
  7: fc
    .tuple(fc.integer({ min: 0, max: 9 }), texts)
    .map(([type, name]) => all(uint(type), type === 3 || type === 5 ? text(name) : () => {})),
  8: fc.array(values, { maxLength: 4 }).map((list) => all(uint(list.length), ...list)),
  9: fc.tuple(texts, fc.oneof(options, values)).map(([guid, write]) => all(text(guid), write)),
  10: lengths.map(uint),
  11: fc.constant(() => {}),
};

const structs: fc.Arbitrary<Struct> = fc.integer({ min: 0, max: 11 }).chain((kind) =>
  fc.record({
    kind: fc.constant(kind),
    origin: fc.option(ids, { nil: undefined }),
    rightOrigin: fc.option(ids, { nil: undefined, freq: 2 }),
    parent: fc.oneof(fc.constantFrom("content", "t", "__proto__"), ids),
    parentKey: fc.option(fc.constantFrom("a", "__proto__", "constructor"), { nil: undefined }),
    content: contents[kind] ?? fc.constant(() => {}),
  }),
);

function writeStruct(
  encoder: encoding.Encoder,
  { kind, origin, rightOrigin, parent, parentKey, content }: Struct,
): void {
  if (kind === 0 || kind === 10) {
    encoding.writeUint8(encoder, kind);
    return content(encoder);
  }
  const hasParent = !origin && !rightOrigin;
  encoding.writeUint8(
    encoder,
    kind | (origin ? 0x80 : 0) | (rightOrigin ? 0x40 : 0) | (hasParent && parentKey !== undefined ? 0x20 : 0),
  );
  for (const id of [origin, rightOrigin]) if (id) writeId(encoder, id);
  if (hasParent) {
    encoding.writeVarUint(encoder, typeof parent === "string" ? 1 : 0);
    if (typeof parent === "string") encoding.writeVarString(encoder, parent);
    else writeId(encoder, parent);
    if (parentKey !== undefined) encoding.writeVarString(encoder, parentKey);
  }
  content(encoder);
}

function writeId(encoder: encoding.Encoder, [client, clock]: [number, number]): void {
  encoding.writeVarUint(encoder, client);
  encoding.writeVarUint(encoder, clock);
}

const sections = fc.record({
  client: clientIds,
  clock: clocks,
  structs: fc.array(structs, { maxLength: 6 }),
  lie: fc.constantFrom(0, 0, 0, 0, 1, -1, 1e6),
});
const deletions = fc.record({
  client: clientIds,
  ranges: fc.array(fc.tuple(clocks, lengths), { maxLength: 4 }),
});

/** Written by the form's rules, with any numbers, kinds and values in it. */
const written = fc
  .tuple(fc.array(sections, { maxLength: 4 }), fc.array(deletions, { maxLength: 3 }))
  .map(([clients, deleted]) => {
    const encoder = encoding.createEncoder();
    encoding.writeVarUint(encoder, clients.length);
    for (const { client, clock, structs: list, lie } of clients) {
      encoding.writeVarUint(encoder, Math.max(0, list.length + lie));
      writeId(encoder, [client, clock]);
      for (const struct of list) writeStruct(encoder, struct);
    }
    encoding.writeVarUint(encoder, deleted.length);
    for (const { client, ranges } of deleted) {
      writeId(encoder, [client, ranges.length]);
      for (const range of ranges) writeId(encoder, range);
    }
    return encoding.toUint8Array(encoder);
  });

/** What a person's editor would send. */
export const realUpdates = fc
  .record({
    client: fc.integer({ min: 1, max: 4 }),
    words: fc.array(texts, { maxLength: 6 }),
    deleted: fc.boolean(),
  })
  .map(({ client, words, deleted }) => {
    const doc = new Y.Doc();
    doc.clientID = client;
    const content = doc.getText("content");
    for (const word of words) content.insert(content.length, word, word.length % 2 ? { bold: true } : {});
    if (deleted) content.delete(0, Math.floor(content.length / 2));
    doc.getMap("map").set("list", Y.Array.from(words));
    return Y.encodeStateAsUpdate(doc);
  });

const broken = fc.tuple(realUpdates, fc.nat(), fc.nat({ max: 255 })).map(([update, at, byte]) => {
  const copy = update.slice();
  copy[at % copy.length] = byte;
  return copy;
});
const cutOff = fc.tuple(realUpdates, fc.nat()).map(([update, at]) => update.slice(0, at % update.length));

export const updates: fc.Arbitrary<Uint8Array> = fc.oneof(
  { arbitrary: written, weight: 8 },
  { arbitrary: broken, weight: 3 },
  realUpdates,
  cutOff,
  fc.uint8Array({ maxLength: 100 }),
);

/** One client's structs, each of one kind: `count` times the same. */
export function repeated(
  count: number,
  info: number,
  content: Write,
  client = 1,
  first: Write = content,
): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, 1);
  encoding.writeVarUint(encoder, count);
  writeId(encoder, [client, 0]);
  for (let index = 0; index < count; index += 1) {
    encoding.writeUint8(encoder, info);
    (index === 0 ? first : content)(encoder);
  }
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
}

/** Collected gaps of one clock: two bytes each, the most structs there can be. */
export const manyStructs = (count: number, client = 1): Uint8Array => repeated(count, 0, uint(1), client);

/** Letters, each typed somewhere else. */
export const manyTexts = (count: number, client = 1): Uint8Array =>
  repeated(count, 4, all(uint(1), text("t"), text("x")), client);

/** A subdocument each. */
export const manySubdocuments = (count: number): Uint8Array =>
  repeated(
    count,
    9,
    all(uint(1), text("t"), text(""), (encoder) => encoding.writeAny(encoder, {})),
  );

/**
 * Insertions by as many clients, all at one place, that no editor could have made: Yjs compares each with
 * all others. 44 KB take seconds, 88 KB four times as long.
 */
export function slowToRead(count: number): Uint8Array {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, count + 1);
  for (let client = count + 1; client > 1; client -= 1) {
    encoding.writeVarUint(encoder, 1);
    writeId(encoder, [client, 0]);
    encoding.writeUint8(encoder, 4 | 0x40);
    writeId(encoder, [1, count + 2 - client]);
    encoding.writeVarString(encoder, "x");
  }
  encoding.writeVarUint(encoder, 1);
  writeId(encoder, [1, 0]);
  encoding.writeUint8(encoder, 4);
  all(uint(1), text("t"), text("y".repeat(count + 3)))(encoder);
  encoding.writeVarUint(encoder, 0);
  return encoding.toUint8Array(encoder);
}

/** One struct with this content, in a text of its own. */
export const single = (kind: number, content: Write, client = 1): Uint8Array =>
  repeated(1, kind, all(uint(1), text("t"), content), client);

export const write = {
  text,
  uint,
  all,
  any:
    (value: unknown): Write =>
    (encoder) =>
      encoding.writeAny(encoder, value as never),
};

/** What lib0 can write. */
function cleaned(value: unknown): unknown {
  try {
    encoding.writeAny(encoding.createEncoder(), value as never);
    return value;
  } catch {
    return null;
  }
}
