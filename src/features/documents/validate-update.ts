import * as decoding from "lib0/decoding";

/*
 * Reads the form of a Yjs update (version 1) without building what it holds. Yjs takes whatever can be
 * read; what is refused here it would take too, and fail on later: when it is merged, in a reader's
 * `Y.Doc`, or in everybody's processor time.
 *
 * The format: yjs, src/utils/updates.js (structs), src/utils/DeleteSet.js, src/structs/Content*.js.
 */

/** Past this, recursion that takes one runtime's stack is another's failure. People's values have ten. */
const maxDepth = 100;
/** What a subdocument costs, in structs: building one makes a `Y.Doc`. */
const subdocumentWeight = 50;

const bits = { kind: 0b1_1111, hasParentKey: 0x20, hasRightOrigin: 0x40, hasOrigin: 0x80 };
const skipInfo = 10;
const xmlElement = 3;
const xmlHook = 5;
const lastTypeRef = 6;

type Decoder = decoding.Decoder;

/**
 * @param max past so many it is not looked at any further.
 * @returns how many structs and deletions it has, which is what everything done with it takes time for.
 * @throws {Error} with the reason, when it is not one.
 */
export function scanUpdate(update: Uint8Array, max = Number.POSITIVE_INFINITY): number {
  const decoder = decoding.createDecoder(update);
  const structs = scanStructs(decoder, max);
  if (structs > max) return structs;
  const count = structs + scanDeletions(decoder);
  if (decoding.hasContent(decoder)) throw new Error("there is more after its end");
  return count;
}

function scanStructs(decoder: Decoder, max: number): number {
  let total = 0;
  let before = Number.POSITIVE_INFINITY;
  for (let clients = readSafe(decoder); clients > 0; clients -= 1) {
    const structs = readSafe(decoder);
    const client = readSafe(decoder);
    // Merging counts on the order. Without it one client's part is written twice, and readers forget the first.
    if (client >= before) throw new Error("clients are not in descending order");
    before = client;
    let clock = readSafe(decoder);
    for (let index = 0; index < structs; index += 1) {
      const { length, weight } = scanStruct(decoder, client, clock);
      // Yjs finds a struct by its clocks: one that has none stands in the way of all others.
      if (length === 0) throw new Error("a struct has no length");
      clock += length;
      checkSafe(clock);
      total += weight;
      if (total > max) return total;
    }
    total += 1;
  }
  return total;
}

function scanStruct(decoder: Decoder, client: number, clock: number): { length: number; weight: number } {
  const info = readByte(decoder);
  const kind = info & bits.kind;
  if (info === skipInfo || kind === 0) return { length: readSafe(decoder), weight: 1 };
  if (info & bits.hasOrigin) scanOrigin(decoder, client, clock);
  if (info & bits.hasRightOrigin) scanOrigin(decoder, client, clock);
  if ((info & (bits.hasOrigin | bits.hasRightOrigin)) === 0) {
    if (readSafe(decoder) === 1) skipBytes(decoder);
    else scanOrigin(decoder, client, clock);
    if (info & bits.hasParentKey) skipBytes(decoder);
  }
  return { length: scanContent(decoder, kind), weight: kind === contentKinds.doc ? subdocumentWeight : 1 };
}

/** Something can only build on what its author made before: else `Y.applyUpdate` throws, at every reader. */
function scanOrigin(decoder: Decoder, client: number, clock: number): void {
  const originClient = readSafe(decoder);
  const originClock = readSafe(decoder);
  if (originClient === client && originClock >= clock) throw new Error("a struct builds on its own future");
}

const contentKinds = {
  deleted: 1,
  json: 2,
  binary: 3,
  string: 4,
  embed: 5,
  format: 6,
  type: 7,
  any: 8,
  doc: 9,
} as const;

/** @returns its length, in clocks. */
function scanContent(decoder: Decoder, kind: number): number {
  switch (kind) {
    case contentKinds.deleted:
      return readSafe(decoder);
    case contentKinds.json: {
      const length = readSafe(decoder);
      for (let index = 0; index < length; index += 1) scanJson(decoder);
      return length;
    }
    case contentKinds.binary:
      skipBytes(decoder);
      return 1;
    case contentKinds.string:
      return decoding.readVarString(decoder).length;
    case contentKinds.embed:
      scanJson(decoder);
      return 1;
    case contentKinds.format:
      skipBytes(decoder);
      scanJson(decoder);
      return 1;
    case contentKinds.type: {
      const type = readSafe(decoder);
      if (type > lastTypeRef) throw new Error(`there is no type ${type}`);
      if (type === xmlElement || type === xmlHook) skipBytes(decoder);
      return 1;
    }
    case contentKinds.any: {
      const length = readSafe(decoder);
      for (let index = 0; index < length; index += 1) scanAny(decoder, 0);
      return length;
    }
    case contentKinds.doc:
      skipBytes(decoder);
      // Its options.
      scanAny(decoder, 0);
      return 1;
    default:
      throw new Error(`there is no content ${kind}`);
  }
}

function scanDeletions(decoder: Decoder): number {
  let total = 0;
  for (let clients = readSafe(decoder); clients > 0; clients -= 1) {
    readSafe(decoder);
    const deletions = readSafe(decoder);
    let end = 0;
    for (let index = 0; index < deletions; index += 1) {
      const clock = readSafe(decoder);
      const length = readSafe(decoder);
      // Readers that lack what is deleted keep the deletion for later, in a form that has no such ranges.
      if (length === 0 || clock < end) throw new Error("a deletion is empty, or out of order");
      end = clock + length;
      checkSafe(end);
    }
    total += deletions + 1;
  }
  return total;
}

/** A value as lib0 codes it: src/decoding.js, `readAny`. */
function scanAny(decoder: Decoder, depth: number): void {
  if (depth > maxDepth) throw new Error(`values nested more than ${maxDepth} deep`);
  const type = readByte(decoder);
  switch (type) {
    case 127: // undefined
    case 126: // null
    case 121: // false
    case 120: // true
      return;
    case 125: // an integer of any length
      decoding.readVarInt(decoder);
      return;
    case 124: // 32-bit float
      return skip(decoder, 4);
    case 123: // 64-bit float
    case 122: // 64-bit integer
      return skip(decoder, 8);
    case 119: // text
    case 116: // bytes
      return skipBytes(decoder);
    case 118: // an object
      for (let length = readSafe(decoder); length > 0; length -= 1) {
        skipBytes(decoder);
        scanAny(decoder, depth + 1);
      }
      return;
    case 117: // an array
      for (let length = readSafe(decoder); length > 0; length -= 1) scanAny(decoder, depth + 1);
      return;
    default:
      throw new Error(`there is no value ${type}`);
  }
}

/** JSON's text. Parsers take any depth, and what prints it again when updates are merged does not. */
function scanJson(decoder: Decoder): void {
  const text = decoding.readVarString(decoder);
  let depth = 0;
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') inText = !inText;
    else if (inText) at += character === "\\" ? 1 : 0;
    else if (character === "[" || character === "{") {
      depth += 1;
      if (depth > maxDepth) throw new Error(`values nested more than ${maxDepth} deep`);
    } else if (character === "]" || character === "}") depth -= 1;
  }
}

function readByte(decoder: Decoder): number {
  if (!decoding.hasContent(decoder)) throw new Error("it ends too early");
  return decoding.readUint8(decoder);
}

function readSafe(decoder: Decoder): number {
  const number = decoding.readVarUint(decoder);
  checkSafe(number);
  return number;
}

/** Clocks that are added up past this become others, and the document can't be read any more. */
function checkSafe(number: number): void {
  if (number > Number.MAX_SAFE_INTEGER) throw new Error("a number is out of range");
}

function skipBytes(decoder: Decoder): void {
  skip(decoder, readSafe(decoder));
}

function skip(decoder: Decoder, length: number): void {
  if (decoder.pos + length > decoder.arr.length) throw new Error("it ends too early");
  decoder.pos += length;
}
