import * as fc from "fast-check";

/* Frames of WebSocket (RFC 6455, section 5) as no library writes them. */

interface Frame {
  isLast: boolean;
  /** The three reserved bits. */
  reserved: number;
  opcode: number;
  isMasked: boolean;
  /** The length that it says it has; of its payload if left out. */
  said?: number | bigint | undefined;
  payload: Uint8Array;
}

function encode({ isLast, reserved, opcode, isMasked, said, payload }: Frame): Uint8Array {
  const length = BigInt(said ?? payload.length);
  const size = length < 126n ? 0 : length < 65_536n ? 2 : 8;
  const head = Buffer.alloc(2 + size + (isMasked ? 4 : 0));
  head[0] = (isLast ? 0x80 : 0) | (reserved << 4) | opcode;
  head[1] = (isMasked ? 0x80 : 0) | (size === 0 ? Number(length) : size === 2 ? 126 : 127);
  if (size === 2) head.writeUInt16BE(Number(length), 2);
  if (size === 8) head.writeBigUInt64BE(length, 2);
  return Buffer.concat([head, payload]);
}

const often = fc.nat(9).map((number) => number > 0);
const bytes = (text: string) => new TextEncoder().encode(text);
const payloads = fc.oneof(
  fc.constantFrom("40", '40{"token":"x"}', "2", "3", '42["x"]', '451-["x"]', "5", "2probe").map(bytes),
  fc.uint8Array({ maxLength: 140 }),
  fc.constantFrom(0, 1000, 70_000).map((length) => new Uint8Array(length)),
);

const anyFrame = fc.record<Frame>({
  isLast: often,
  reserved: fc.oneof({ arbitrary: fc.constant(0), weight: 6 }, fc.nat(7)),
  opcode: fc.oneof({ arbitrary: fc.constantFrom(1, 2), weight: 4 }, fc.nat(15)),
  isMasked: often,
  said: fc.oneof(
    { arbitrary: fc.constant(undefined), weight: 6 },
    fc.constantFrom(
      0,
      1,
      125,
      126,
      65_535,
      65_536,
      6_000_000,
      2 ** 31,
      2 ** 53 - 1,
      2n ** 63n - 1n,
      2n ** 64n - 1n,
    ),
  ),
  payload: payloads,
});

const whole = { reserved: 0, isMasked: true };

/** A message in parts, with other frames between them, which may have no end. */
const fragments = fc
  .tuple(
    fc.array(payloads, { minLength: 1, maxLength: 6 }),
    fc.array(anyFrame, { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([parts, between, ends]): Frame[] => {
    const all = parts.map((payload, index): Frame => ({
      ...whole,
      isLast: ends && index === parts.length - 1,
      opcode: index === 0 ? 1 : 0,
      payload,
    }));
    return [...all.slice(0, 1), ...between, ...all.slice(1)];
  });

const codes = fc.oneof(
  fc.constantFrom(0, 999, 1000, 1001, 1004, 1005, 1006, 1007, 1015, 2999, 3000, 4999, 65_535),
  fc.nat(65_535),
);
const close = fc.tuple(codes, fc.uint8Array({ maxLength: 130 })).map(([code, reason]): Frame[] => {
  const payload = Buffer.concat([Buffer.of(code >> 8, code & 255), reason]);
  return [{ ...whole, isLast: true, opcode: 8, payload }];
});
/** Closes in part, control frames that are too long or in parts, thousands of empty ones. */
const control = fc
  .tuple(
    fc.constantFrom(8, 9, 10),
    fc.constantFrom(0, 1, 125, 126, 200),
    often,
    fc.constantFrom(1, 1, 1, 2000),
  )
  .map(([opcode, length, isLast, times]): Frame[] =>
    Array.from({ length: times }, () => ({ ...whole, isLast, opcode, payload: new Uint8Array(length) })),
  );
const empty = fc.constantFrom(1, 2).map((opcode): Frame[] =>
  Array.from({ length: 2000 }, (_, index) => ({
    ...whole,
    isLast: false,
    opcode: index === 0 ? opcode : 0,
    payload: new Uint8Array(),
  })),
);

export const frames: fc.Arbitrary<{ frame: Uint8Array }[]> = fc
  .oneof(
    { arbitrary: fc.array(anyFrame, { minLength: 1, maxLength: 4 }), weight: 6 },
    { arbitrary: fragments, weight: 4 },
    { arbitrary: close, weight: 3 },
    { arbitrary: control, weight: 2 },
    empty,
  )
  .map((all) => {
    const joined = Buffer.concat(all.map(encode));
    return [{ frame: new Uint8Array(joined) }];
  });
