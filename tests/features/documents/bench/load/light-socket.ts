import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { type Frame, clientFrame, createFrameReader, opcodes } from "../../../../bench/load/frames.ts";

export interface LightSocketOptions {
  port: number;
  /** Path and query. */
  path: string;
  /** The address that the client has, if not this machine's: limits count by address. */
  address?: string | undefined;
  /** Of each message; of longer ones the rest is only counted. */
  keptBytes: number;
  /** Text and binary messages. */
  onMessage: (frame: Frame) => void;
  onClose: () => void;
}

export interface LightSocket {
  /** A message as one frame, or several as one write. */
  send: (...messages: (string | Uint8Array)[]) => void;
  close: () => void;
}

/** All sockets read into the same memory: what is read has been dealt with before the next read. */
const readBuffer = Buffer.alloc(1024 * 1024);

/** A WebSocket client over a bare TCP socket. Resolves when it is open; rejects when it could not be opened. */
export function openLightSocket(options: LightSocketOptions): Promise<LightSocket> {
  const { port, path, address, keptBytes, onMessage, onClose } = options;
  return new Promise((resolve, reject) => {
    let response: Buffer | undefined = Buffer.alloc(0);
    const read = createFrameReader(keptBytes, (frame) => {
      if (frame.opcode === opcodes.text || frame.opcode === opcodes.binary) onMessage(frame);
      else if (frame.opcode === opcodes.ping) socket.write(clientFrame(opcodes.pong, frame.payload));
      else if (frame.opcode === opcodes.close) socket.end();
    });

    function onData(bytes: number): boolean {
      const chunk = readBuffer.subarray(0, bytes);
      if (!response) read(chunk);
      else onResponse(chunk);
      return true;
    }

    function onResponse(chunk: Buffer): void {
      response = Buffer.concat([response ?? Buffer.alloc(0), chunk]);
      const end = response.indexOf("\r\n\r\n") + 4;
      if (end < 4) return;
      const head = response.toString("latin1", 0, end);
      const rest = response.subarray(end);
      if (!head.startsWith("HTTP/1.1 101")) return void socket.destroy(new Error(head));
      response = undefined;
      resolve({
        send: (...messages) =>
          socket.write(
            Buffer.concat(
              messages.map((message) =>
                clientFrame(typeof message === "string" ? opcodes.text : opcodes.binary, message),
              ),
            ),
          ),
        close: () => socket.destroy(),
      });
      read(rest);
    }

    const socket = connect({
      host: "127.0.0.1",
      port,
      noDelay: true,
      onread: { buffer: readBuffer, callback: onData },
    });
    socket.on("connect", () => socket.write(handshake(port, path, address)));
    socket.on("error", reject);
    socket.on("close", () => {
      reject(new Error("the server closed the connection"));
      onClose();
    });
  });
}

function handshake(port: number, path: string, address: string | undefined): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n` +
    `${address === undefined ? "" : `X-Forwarded-For: ${address}\r\n`}\r\n`
  );
}
