import { inTime } from "./in-time.ts";
import { newAddress } from "./attacker.ts";
import { type RawResponse, rawRequest } from "./raw-http.ts";

/** An Engine.IO session by long-polling, of somebody who keeps to no order. */
export interface PollingSession {
  sid: string;
  path: string;
  poll: (more?: string) => Promise<RawResponse>;
  post: (body: string | Uint8Array, more?: string) => Promise<RawResponse>;
}

const base = "/socket.io/?EIO=4&transport=polling";

export async function openPolling(port: number): Promise<PollingSession> {
  const address = Object.entries(newAddress())
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  let cookie = "";
  const get = (path: string, more = "") =>
    rawRequest(port, `GET ${path} HTTP/1.1\r\nHost: x\r\n${address}${cookie}${more}\r\n`);
  const opened = await inTime("a session", get(base));
  // The balancer's, which keeps a session on one replica.
  const set = /^set-cookie: ([^;\r\n]+)/im.exec(opened.headers)?.[1];
  if (set !== undefined) cookie = `Cookie: ${set}\r\n`;
  const { sid } = JSON.parse(Buffer.from(opened.body).toString().slice(1)) as { sid: string };
  const path = `${base}&sid=${sid}`;
  return {
    sid,
    path,
    poll: (more) => get(path, more),
    post(body, more = "") {
      const bytes = typeof body === "string" ? Buffer.from(body) : body;
      const head =
        `POST ${path} HTTP/1.1\r\nHost: x\r\n${address}${cookie}${more}` +
        `Content-Type: text/plain\r\nContent-Length: ${bytes.length}\r\n\r\n`;
      return bytes.length === 0 ? rawRequest(port, head) : rawRequest(port, head, bytes);
    },
  };
}
