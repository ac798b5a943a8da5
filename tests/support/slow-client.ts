import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type Socket, connect } from "node:net";
import { waitFor } from "../../deploy/local/process.ts";

/** A client that answers pings but stops reading: written by hand, as no client library behaves like it. */
export interface SlowClient {
  /** Whether the server ended the connection; known only while reading. */
  isClosed: () => boolean;
  read: () => void;
  close: () => void;
}

const pongEveryMs = 3000;

/** Joins the room over a WebSocket, and then reads no more. */
export async function createSlowClient(port: number, documentId: string): Promise<SlowClient> {
  const socket = connect(port, "127.0.0.1");
  let seen = "";
  let closed = false;
  socket.setEncoding("latin1");
  socket.on("data", (text: string) => (seen += text));
  socket.on("error", () => undefined);
  socket.on("close", () => (closed = true));
  await once(socket, "connect");
  const awaited = (text: string) => waitFor(`${text} from the server`, () => seen.includes(text));
  socket.write(
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n" +
      `Host: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
  );
  await awaited(`0{"sid"`);
  send(socket, '40{"name":"slow"}');
  await awaited(`40{"sid"`);
  send(socket, `420["join-document",${JSON.stringify({ documentId })}]`);
  await awaited(`"access"`);
  socket.removeAllListeners("data");
  socket.pause();
  const timer = setInterval(() => send(socket, "3"), pongEveryMs);
  return {
    isClosed: () => closed,
    read: () => void socket.on("data", () => {}).resume(),
    close() {
      clearInterval(timer);
      socket.destroy();
    },
  };
}

/** A short masked text frame (RFC 6455, section 5.2). */
function send(socket: Socket, text: string): void {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  if (!socket.destroyed)
    socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, masked]));
}
