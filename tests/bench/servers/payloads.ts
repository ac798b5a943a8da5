import { speech } from "../source.ts";

/*
 * What every server of the benchmark sends: pushes of Trimaran's contract, because a replica drops what another
 * replica publishes and the contract does not have. Text is what a member said, binary is presence. The servers that
 * Trimaran is compared with send the same bytes.
 */

const documentId = "bench";

export const textEvent = speech.said;
export const binaryEvent = "receive-presence";

/** `text` comes first, so that a receiver of millions finds it at `textAt` without decoding (load/listener.ts). */
export const textPayload = (text: string) => ({ text, documentId, id: "1", from: "bench", sentAt: 1 });

/** Where the text begins in a packet. */
export const textAt = `42["${textEvent}",{"text":"`.length;

export const binaryPayload = (update: Buffer) => ({ documentId, update });

/** The packet as Socket.IO encodes it, for servers without Socket.IO. */
export const textPacket = (text: string) => `42${JSON.stringify([textEvent, textPayload(text)])}`;

/** The same for binary: the attachment follows in a frame of its own. */
export const binaryPacket = `451-${JSON.stringify([
  binaryEvent,
  { documentId, update: { _placeholder: true, num: 0 } },
])}`;
