const opcodes = { text: 1, binary: 2 };
/** `message` of Engine.IO, before the text of a Socket.IO packet. */
const messageType = "4";

/**
 * The WebSocket frames of an encoded packet (text, then attachments), as a server sends them: whole,
 * unmasked, uncompressed. RFC 6455, section 5.2.
 */
export function encodeFrames(encoded: readonly (string | Uint8Array)[]): Uint8Array {
  const [first = "", ...others] = encoded;
  const isOneText = typeof first === "string" && others.length === 0;
  return isOneText ? textFrame(first) : Buffer.concat(encoded.map(frame));
}

function frame(part: string | Uint8Array): Uint8Array {
  if (typeof part === "string") return textFrame(part);
  const out = withHeader(opcodes.binary, part.length);
  out.set(part, out.length - part.length);
  return out;
}

function textFrame(packet: string): Uint8Array {
  const text = messageType + packet;
  const length = Buffer.byteLength(text);
  const out = withHeader(opcodes.text, length);
  out.write(text, out.length - length);
  return out;
}

/** A header for a payload of this length, with room for it. */
function withHeader(opcode: number, length: number): Buffer {
  const headerLength = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const out = Buffer.allocUnsafe(headerLength + length);
  out[0] = 0x80 | opcode;
  if (headerLength === 2) out[1] = length;
  else if (headerLength === 4) {
    out[1] = 126;
    out.writeUInt16BE(length, 2);
  } else {
    out[1] = 127;
    out.writeBigUInt64BE(BigInt(length), 2);
  }
  return out;
}
