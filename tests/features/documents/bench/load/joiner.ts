import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";
import { openLightClient } from "./light-client.ts";
import { openLightSocket } from "./light-socket.ts";

/** A client with an open WebSocket, and nothing said on it yet. */
export interface Joiner {
  /** Says all that its protocol wants said, and resolves when the document is here. */
  join: (documentId: string) => Promise<Joined>;
  close: () => void;
}

export interface Joined {
  /** Bytes of the message that had the document. */
  messageBytes: number;
  /** The document as one update, or only its beginning where less is kept. */
  update: Uint8Array;
}

export type OpenJoiner = (port: number, keptBytes: number, address: string) => Promise<Joiner>;

/** What someone with an empty document has of it. */
const emptyStateVector = Uint8Array.of(0);

/** As `DocumentProvider` does: it enters, and joins when it is let in. */
export const openTrimaranJoiner: OpenJoiner = async (port, keptBytes, address) => {
  const client = await openLightClient({ port, keptBytes, address, onEvent() {}, onClose() {} });
  return {
    async join(documentId) {
      await client.enter();
      const reply = await client.request("join-document", { documentId }, { stateVector: emptyStateVector });
      return { messageBytes: reply.length, update: reply.payload };
    },
    close: client.close,
  };
};

/** Numbers of the y-websocket protocol, as Hocuspocus extends it. */
const types = { sync: 0, authentication: 2 };
const syncTypes = { step1: 0, step2: 1 };
const token = 0;

/** As `HocuspocusProvider` does: authentication and the first step of synchronizing go out together. */
export const openHocuspocusJoiner: OpenJoiner = async (port, keptBytes) => {
  let joined:
    | { answer: Uint8Array; resolve: (joined: Joined) => void; reject: (error: Error) => void }
    | undefined;
  const socket = await openLightSocket({
    port,
    path: "/",
    keptBytes,
    onMessage({ payload, length }) {
      if (!joined || !payload.subarray(0, joined.answer.length).equals(joined.answer)) return;
      const { resolve, answer } = joined;
      joined = undefined;
      // A copy, as it is looked at later; without the number of its bytes before it.
      const copy = Buffer.from(payload.subarray(answer.length));
      const decoder = decoding.createDecoder(copy);
      decoding.readVarUint(decoder);
      resolve({ messageBytes: length, update: copy.subarray(decoder.pos) });
    },
    onClose: () => joined?.reject(new Error("the server closed the connection")),
  });
  return {
    join: (documentId) =>
      new Promise((resolve, reject) => {
        const answer = message(documentId, types.sync, syncTypes.step2, () => {});
        joined = { answer, resolve, reject };
        socket.send(
          message(documentId, types.authentication, token, (encoder) => {
            encoding.writeVarString(encoder, "");
            encoding.writeVarString(encoder, "4.7.0");
          }),
        );
        socket.send(
          message(documentId, types.sync, syncTypes.step1, (encoder) =>
            encoding.writeVarUint8Array(encoder, emptyStateVector),
          ),
        );
      }),
    close: socket.close,
  };
};

function message(
  documentId: string,
  type: number,
  subtype: number,
  write: (encoder: encoding.Encoder) => void,
): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, documentId);
    encoding.writeVarUint(encoder, type);
    encoding.writeVarUint(encoder, subtype);
    write(encoder);
  });
}
