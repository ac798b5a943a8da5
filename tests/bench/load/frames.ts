/* WebSocket frames for load generators that must cost less than the server: no fragments, no compression. */

export const opcodes = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  opcode: number;
  /** Its first bytes, as many as are kept; valid only while it is being told of. */
  payload: Buffer;
  /** Bytes of the whole payload. */
  length: number;
}

const maxHeaderBytes = 10;

/**
 * Takes a server's bytes as they come, and tells of each frame when all of it came. Large payloads are
 * counted, not collected, beyond `keptBytes`: a thousand clients can be sent megabytes each.
 */
export function createFrameReader(keptBytes: number, onFrame: (frame: Frame) => void) {
  const header = Buffer.alloc(maxHeaderBytes);
  let headerBytes = 0;
  let length = 0;
  let remaining = 0;
  let kept: Buffer = Buffer.alloc(0);
  let keptSoFar = 0;

  /** @returns how many bytes of the chunk belonged to the header. */
  function readHeader(chunk: Buffer, at: number): number {
    const from = at;
    while (at < chunk.length && (headerBytes < 2 || headerBytes < headerLength(header)))
      header[headerBytes++] = chunk[at++] ?? 0;
    return at - from;
  }

  return (chunk: Buffer): void => {
    let at = 0;
    while (at < chunk.length) {
      if (remaining === 0) {
        at += readHeader(chunk, at);
        if (headerBytes < 2 || headerBytes < headerLength(header)) return;
        length = remaining = payloadLength(header);
        headerBytes = 0;
        const opcode = (header[0] ?? 0) & 0x0f;
        if (chunk.length - at >= length) {
          // All of it is here: nothing to copy.
          remaining = 0;
          const payload = chunk.subarray(at, at + Math.min(length, keptBytes));
          at += length;
          onFrame({ opcode, payload, length });
          continue;
        }
        kept = Buffer.allocUnsafe(Math.min(length, keptBytes));
        keptSoFar = 0;
      }
      const taken = Math.min(remaining, chunk.length - at);
      keptSoFar += chunk.copy(kept, keptSoFar, at, at + taken);
      at += taken;
      remaining -= taken;
      if (remaining === 0) onFrame({ opcode: (header[0] ?? 0) & 0x0f, payload: kept, length });
    }
  };
}

function headerLength(header: Buffer): number {
  const length = (header[1] ?? 0) & 0x7f;
  return length === 127 ? 10 : length === 126 ? 4 : 2;
}

function payloadLength(header: Buffer): number {
  const length = (header[1] ?? 0) & 0x7f;
  return length === 127
    ? Number(header.readBigUInt64BE(2))
    : length === 126
      ? header.readUInt16BE(2)
      : length;
}

/** A client's frame of up to 64 KiB: masked, with zeros, which spares the generator the work. */
export function clientFrame(opcode: number, payload: string | Uint8Array): Buffer {
  const data = typeof payload === "string" ? Buffer.from(payload) : payload;
  if (data.length > 0xffff) throw new RangeError(`a frame of ${data.length} bytes, expected at most 65535`);
  const isLong = data.length > 125;
  const header = Buffer.alloc(isLong ? 8 : 6);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | (isLong ? 126 : data.length);
  if (isLong) header.writeUInt16BE(data.length, 2);
  return Buffer.concat([header, data]);
}
