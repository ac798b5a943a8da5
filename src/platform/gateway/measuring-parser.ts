import { Decoder, Encoder, type Packet } from "socket.io-parser";

/*
 * Socket.IO's own parser, which besides tells how many bytes an event took on the wire: what is decoded does not tell
 * it, and walking through it costs as much as decoding.
 */

const wireBytes = Symbol("bytes on the wire");

interface Measured {
  [wireBytes]?: number;
}

class MeasuringDecoder extends Decoder {
  #bytes = 0;

  constructor() {
    // The door counts attachments, before the decoder keeps any.
    super({ maxAttachments: Infinity });
    // One function for all connections; the emitter gives it the decoder as `this`.
    this.on("decoded", MeasuringDecoder.#onDecoded);
  }

  override add(chunk: unknown): void {
    if (typeof chunk === "string") this.#bytes = chunk.length;
    else if (ArrayBuffer.isView(chunk) || chunk instanceof ArrayBuffer) this.#bytes += chunk.byteLength;
    super.add(chunk);
  }

  static #onDecoded(this: MeasuringDecoder, { data }: Packet): void {
    if (!Array.isArray(data)) return;
    // Handlers get what the contract parsed of it, so that they never see this.
    const first: unknown = data.find((value) => typeof value === "object" && value !== null);
    if (first !== undefined) (first as Measured)[wireBytes] = this.#bytes;
  }
}

/** For Socket.IO's `parser` option. */
export const measuringParser = { Encoder, Decoder: MeasuringDecoder };

/** Bytes that an event took on the wire, text counted in characters. @param args its payload and what else came. */
export function bytesOf(args: readonly unknown[]): number {
  for (const value of args) {
    if (typeof value === "object" && value !== null) {
      const bytes = (value as Measured)[wireBytes];
      if (bytes !== undefined) return bytes;
    }
  }
  // Without any object: nothing of size but text.
  return args.reduce<number>((sum, value) => sum + (typeof value === "string" ? value.length : 8), 1);
}
