import { randomBytes } from "node:crypto";
import { type Socket, connect } from "node:net";
import { clientFrame, opcodes } from "./frames.ts";

export interface RawClientOptions {
  port: number;
  /** Path and query of the WebSocket. */
  path: string;
  /** Told of every event: text that starts with `42`, or the last attachment of a binary one. */
  onEvent: (client: RawClient, payload: Buffer) => void;
  /** What joins the namespace; `40` if left out. */
  connectPacket?: string;
  onClose?: ((client: RawClient) => void) | undefined;
}

export interface RawClient {
  index: number;
  /** Sends a text frame. */
  send: (text: string) => void;
  /** Stops reading, until it resumes. */
  pause: () => void;
  resume: () => void;
  close: () => void;
}

const eventPrefix = Buffer.from("42");
const binaryPrefix = Buffer.from("45");

/**
 * A Socket.IO client over a bare TCP socket, for a load generator that must cost less than the server: it
 * answers pings, and parses frames as far as needed to count events. WebSocket only, as the servers here
 * speak to it: no masks, no fragments, no compression.
 *
 * @returns once it is in the namespace; rejects when the server closes before that.
 */
export function openRawClient(index: number, options: RawClientOptions): Promise<RawClient> {
  const { port, path, onEvent, onClose, connectPacket = "40" } = options;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    const client: RawClient = {
      index,
      send: (text) => socket.write(clientFrame(opcodes.text, text)),
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      close: () => void socket.destroy(),
    };
    let rest: Buffer = Buffer.alloc(0);
    let isOpen = false;
    let attachments = 0;

    socket.on("connect", () => socket.write(handshake(port, path)));
    socket.on("error", reject);
    socket.on("close", () => {
      reject(new Error("the server closed the connection"));
      onClose?.(client);
    });
    socket.on("data", (chunk: Buffer) => {
      const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
      let at = 0;
      if (!isOpen) {
        at = data.indexOf("\r\n\r\n") + 4;
        if (at < 4) return void (rest = data);
        if (!data.subarray(0, 12).includes("101"))
          return void socket.destroy(new Error(data.subarray(0, at).toString()));
        isOpen = true;
      }
      at = readFrames(data, at, onFrame);
      rest = at === data.length ? Buffer.alloc(0) : data.subarray(at);
    });

    function onFrame(opcode: number, payload: Buffer): void {
      if (opcode === opcodes.binary) {
        attachments -= 1;
        if (attachments === 0) onEvent(client, payload);
      } else if (opcode === opcodes.text) {
        onText(socket, payload);
      } else if (opcode === opcodes.ping) {
        socket.write(clientFrame(opcodes.pong, payload));
      } else if (opcode === opcodes.close) socket.end();
    }

    function onText(socket: Socket, payload: Buffer): void {
      if (payload.subarray(0, 2).equals(eventPrefix)) onEvent(client, payload);
      else if (payload.subarray(0, 2).equals(binaryPrefix))
        attachments = Number(payload.toString("latin1", 2, payload.indexOf("-")));
      else if (payload[0] === 0x30) socket.write(clientFrame(opcodes.text, connectPacket));
      else if (payload[0] === 0x32) socket.write(clientFrame(opcodes.text, "3"));
      else if (payload[0] === 0x34 && payload[1] === 0x30) resolve(client);
    }
  });
}

function handshake(port: number, path: string): string {
  return (
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
    `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`
  );
}

/** @returns where the first frame that is not complete begins. */
function readFrames(data: Buffer, from: number, onFrame: (opcode: number, payload: Buffer) => void): number {
  let at = from;
  while (data.length - at >= 2) {
    let length = (data[at + 1] ?? 0) & 0x7f;
    let header = 2;
    if (length === 126) {
      if (data.length - at < 4) break;
      length = data.readUInt16BE(at + 2);
      header = 4;
    } else if (length === 127) {
      if (data.length - at < 10) break;
      length = Number(data.readBigUInt64BE(at + 2));
      header = 10;
    }
    if (data.length - at < header + length) break;
    onFrame((data[at] ?? 0) & 0x0f, data.subarray(at + header, at + header + length));
    at += header + length;
  }
  return at;
}
