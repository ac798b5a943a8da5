import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { createFrameReader, opcodes } from "../../bench/load/frames.ts";

export interface WebSocketOptions {
  port: number;
  /** Path and query. */
  path?: string;
  headers?: Record<string, string>;
  onText?: (text: string) => void;
  onPong?: () => void;
}

/** A WebSocket of somebody who does not keep to any protocol. */
export interface RawWebSocket {
  /** Messages, each as one whole frame. */
  send: (...messages: (string | Uint8Array)[]) => void;
  /** Bytes as they are. */
  write: (bytes: Uint8Array) => void;
  isClosed: () => boolean;
  /** Reads nothing from now on. */
  pause: () => void;
  /** Resolves with how it was closed: `close 1009`, or `end` without a word. */
  closed: Promise<string>;
  destroy: () => void;
}

/** Longer messages are told of cut off. */
const keptBytes = 1 << 20;

/** Resolves when it is open; rejects with the status when the server would not. */
export async function openWebSocket(options: WebSocketOptions): Promise<RawWebSocket> {
  const {
    port,
    path = "/socket.io/?EIO=4&transport=websocket",
    headers = {},
    onText = () => {},
    onPong,
  } = options;
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  const opened = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<string>();
  let code = "end";
  let isClosed = false;
  let head: Buffer | undefined = Buffer.alloc(0);
  const read = createFrameReader(keptBytes, ({ opcode, payload }) => {
    if (opcode === opcodes.text) onText(payload.toString());
    else if (opcode === opcodes.pong) onPong?.();
    else if (opcode === opcodes.close) {
      code = payload.length >= 2 ? `close ${payload.readUInt16BE(0)}` : "close";
      // Answered, so that the server does not wait for it.
      if (!socket.destroyed) socket.end(frame(opcodes.close, payload));
    }
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    isClosed = true;
    opened.reject(new Error("closed before it was open"));
    closed.resolve(code);
  });
  socket.on("data", (chunk) => {
    if (!head) return read(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n") + 4;
    if (end < 4) return;
    const [response, rest] = [head.toString("latin1", 0, end), head.subarray(end)];
    head = undefined;
    const status = /^HTTP\/1\.1 (\d{3})/.exec(response)?.[1];
    if (status !== "101") {
      opened.reject(new Error(`status ${status}`));
      return void socket.destroy();
    }
    opened.resolve();
    if (rest.length > 0) read(rest);
  });
  await once(socket, "connect").catch(() => undefined);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n${lines.join("")}\r\n`,
  );
  await opened.promise;
  return {
    send(...messages) {
      const frames = messages.map((message) =>
        frame(typeof message === "string" ? opcodes.text : opcodes.binary, message),
      );
      if (!socket.destroyed) socket.write(Buffer.concat(frames));
    },
    write: (bytes) => void (socket.destroyed || socket.write(bytes)),
    isClosed: () => isClosed,
    pause: () => void socket.pause(),
    closed: closed.promise,
    destroy: () => void socket.destroy(),
  };
}

/** A client's frame of any length: masked, with zeros. */
export function frame(opcode: number, payload: string | Uint8Array): Buffer {
  const data = typeof payload === "string" ? Buffer.from(payload) : payload;
  const size = data.length < 126 ? 0 : data.length < 65_536 ? 2 : 8;
  const header = Buffer.alloc(2 + size + 4);
  header[0] = 0x80 | opcode;
  header[1] = 0x80 | (size === 0 ? data.length : size === 2 ? 126 : 127);
  if (size === 2) header.writeUInt16BE(data.length, 2);
  if (size === 8) header.writeBigUInt64BE(BigInt(data.length), 2);
  return Buffer.concat([header, data]);
}
