import { opcodes } from "../../../../bench/load/frames.ts";
import { type LightSocket, openLightSocket } from "./light-socket.ts";

export interface LightClientOptions {
  port: number;
  keptBytes: number;
  /** As a proxy would tell it. */
  address: string;
  /** Told of events with an attachment, which is valid only until it returns. */
  onEvent: (event: string, attachment: Buffer) => void;
  onClose: () => void;
}

/** An acknowledgement's first attachment: its first bytes, and how many there were. */
export interface Attachment {
  payload: Buffer;
  length: number;
}

export interface LightClient {
  /** Enters the namespace, as the official client does on its own. */
  enter: () => Promise<void>;
  /** Sends an event with `bytes` in one field. Rejects when it is refused. */
  request: (event: string, fields: object, bytes: Record<string, Uint8Array>) => Promise<Attachment>;
  send: (event: string, fields: object, bytes: Record<string, Uint8Array>) => void;
  close: () => void;
}

/** The first byte is Engine.IO's type, 4 for a message; the second is Socket.IO's. */
const kinds = {
  open: "0",
  ping: "2",
  connected: "40",
  refused: "44",
  binaryEvent: "45",
  acknowledged: "43",
  binaryAcknowledged: "46",
};

interface Waiting {
  resolve: (attachment: Attachment) => void;
  reject: (error: Error) => void;
}

/** A Socket.IO client that knows no more than clients of documents need. Resolves when Engine.IO is open. */
export async function openLightClient(options: LightClientOptions): Promise<LightClient> {
  const waiting = new Map<number, Waiting>();
  let requests = 0;
  const opened = Promise.withResolvers<void>();
  // Nobody waits for it yet when the WebSocket can't be opened.
  opened.promise.catch(() => undefined);
  let entered: { resolve: () => void; reject: (error: Error) => void } | undefined;
  /** Whoever waits for the first attachment of the message that came last. */
  let onAttachment: ((attachment: Attachment) => void) | undefined;

  const socket: LightSocket = await openLightSocket({
    port: options.port,
    address: options.address,
    path: "/socket.io/?EIO=4&transport=websocket",
    keptBytes: options.keptBytes,
    onMessage({ opcode, payload, length }) {
      if (opcode === opcodes.text) return onText(payload);
      const told = onAttachment;
      onAttachment = undefined;
      told?.({ payload, length });
    },
    onClose() {
      const error = new Error("the server closed the connection");
      opened.reject(error);
      entered?.reject(error);
      for (const { reject } of waiting.values()) reject(error);
      options.onClose();
    },
  });

  function onText(payload: Buffer): void {
    const kind = payload.toString("latin1", 0, payload[0] === 0x34 ? 2 : 1);
    if (kind === kinds.binaryEvent) {
      // `451-["name",…`: of the names none has a quote.
      const from = payload.indexOf('"') + 1;
      const event = payload.toString("latin1", from, payload.indexOf('"', from));
      onAttachment = ({ payload: bytes }) => options.onEvent(event, bytes);
    } else if (kind === kinds.open) opened.resolve();
    else if (kind === kinds.ping) socket.send("3");
    else if (kind === kinds.connected) entered?.resolve();
    else if (kind === kinds.refused) entered?.reject(new Error(payload.toString()));
    else if (kind === kinds.acknowledged || kind === kinds.binaryAcknowledged) onReply(payload.toString());
  }

  function onReply(text: string): void {
    const [, count, id, reply = "[]"] = /^4[36](\d+-)?(\d+)(\[.*)$/s.exec(text) ?? [];
    const call = waiting.get(Number(id));
    waiting.delete(Number(id));
    const [{ ok }] = JSON.parse(reply) as [{ ok: boolean }];
    if (!ok) call?.reject(new Error(`refused: ${reply}`));
    else if (count === undefined) call?.resolve({ payload: Buffer.alloc(0), length: 0 });
    // A copy, as it is looked at later.
    else onAttachment = ({ payload, length }) => call?.resolve({ payload: Buffer.from(payload), length });
  }

  function write(event: string, fields: object, bytes: Record<string, Uint8Array>, id: number | ""): void {
    const parts = Object.values(bytes);
    const places = Object.keys(bytes).map((name, num) => [name, { _placeholder: true, num }]);
    const payload = { ...fields, ...Object.fromEntries(places) };
    socket.send(`45${parts.length}-${id}${JSON.stringify([event, payload])}`, ...parts);
  }

  // What a server is told before that may be lost.
  await opened.promise;
  return {
    enter: () =>
      new Promise((resolve, reject) => {
        entered = { resolve, reject };
        socket.send("40");
      }),
    request: (event, fields, bytes) =>
      new Promise((resolve, reject) => {
        requests += 1;
        waiting.set(requests, { resolve, reject });
        write(event, fields, bytes, requests);
      }),
    send: (event, fields, bytes) => write(event, fields, bytes, ""),
    close: socket.close,
  };
}
