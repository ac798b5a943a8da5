import * as fc from "fast-check";
import type { Attack } from "../attack.ts";
import { newAddress } from "../../support/clients/attacker.ts";
import { judgeResponse, rawRequest } from "../../support/clients/raw-http.ts";
import { inTime } from "../../support/clients/in-time.ts";
import { fuzz, replay, sum } from "../fuzz.ts";

/** Parts of a request as they stand on the wire. */
type Request = (string | Uint8Array)[];

const head = (lines: string[], target = "/api/documents/none") =>
  `POST ${target} HTTP/1.1\r\nHost: x\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`;
const inner = "GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

/** Headers that say two things about where a request ends, or nothing that can be understood. */
const lengths = fc.constantFrom(
  "Content-Length: 5",
  "Content-Length: 0",
  "Content-Length: -1",
  "Content-Length: +5",
  "Content-Length: 0x5",
  "Content-Length: 5, 6",
  "Content-Length: 99999999999999999999",
  "Content-Length : 5",
  "Content-Length: 5\r\nContent-Length: 6",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding:\tchunked",
  "Transfer-Encoding : chunked",
  "Transfer-Encoding: chunked\r\nTransfer-Encoding: cow",
  "X: y\r\n Transfer-Encoding: chunked",
  "\u000bTransfer-Encoding: chunked",
);
const bodies = fc.constantFrom<string>(
  `0\r\n\r\n${inner}`,
  "5\r\nhello\r\n0\r\n\r\n",
  "ffffffffffffffff\r\nhello",
  "5;ext=\n\r\nhello\r\n0\r\n\r\n",
  "-1\r\n\r\n",
  "zz\r\n",
  "5\nhello\n0\n\n",
  "hello",
  inner,
);
const smuggled = fc
  .tuple(fc.array(lengths, { minLength: 1, maxLength: 3 }), bodies)
  .map(([lines, body]): Request => [head(lines), body]);

const targets = fc.constantFrom(
  "/",
  "*",
  "http://[::1",
  "http://x:99999999/",
  "//x",
  "/\u0000",
  "/é",
  "x",
  "",
  "/ /",
  "http://user:pw@host/",
  "javascript:alert(1)",
  "/".repeat(2000),
);
const hosts = fc.constantFrom(
  "x",
  "",
  "[",
  "a b",
  "x:y",
  "%",
  "\u00ff",
  "x".repeat(2000),
  "a@b",
  "[::1",
  "x/../y",
  "127.0.0.1:99999999",
);
const methods = fc.constantFrom(
  "GET",
  "get",
  "FOO",
  "G\u0000T",
  "PRI",
  "CONNECT",
  "TRACE",
  "A".repeat(500),
  "M-SEARCH",
  "\r\nGET",
);
const versions = fc.constantFrom(
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/9.9",
  "HTTP/2.0",
  "",
  "HTP/1.1",
  "HTTP/1.1 extra",
);
const odd = fc
  .tuple(methods, targets, versions, hosts)
  .map(([method, target, version, host]): Request => [
    `${method} ${target} ${version}\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
  ]);

const garbage = fc.uint8Array({ maxLength: 300 }).map((bytes): Request => [bytes, "\r\n\r\n\r\n\r\n"]);

const get = (lines: string, target = "/livez"): Request => [
  `GET ${target} HTTP/1.1\r\nHost: x\r\n${lines}\r\n`,
];
const harmful: Request[] = [
  [head(["Content-Length: 6", "Transfer-Encoding: chunked"]), `0\r\n\r\nG`],
  [head(["Transfer-Encoding: chunked", "Content-Length: 4"]), `5c\r\n${inner}\r\n0\r\n\r\n`],
  get(`Cookie: ${"a=b; ".repeat(200_000)}\r\n`),
  get(`X: ${"y".repeat(1_000_000)}\r\n`),
  get("A: b\r\n".repeat(50_000)),
  get("", `/${"x".repeat(1_000_000)}`),
  get("", `/livez?${"x=y&".repeat(100_000)}`),
  ["GET /livez HTTP/1.1\r\nHost: [\r\n\r\n"],
  ["GET /livez HTTP/1.1\r\nHost: a b\r\n\r\n"],
  ["GET /livez HTTP/1.1\r\n\r\n"],
  ["GET http://[::bad/ HTTP/1.1\r\nHost: x\r\n\r\n"],
  ["GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: [\r\n\r\n"],
  [
    head([`Content-Length: ${20_000_000}`], "/socket.io/?EIO=4&transport=polling&sid=x"),
    new Uint8Array(20_000_000),
  ],
  [
    head(["Transfer-Encoding: chunked"], "/socket.io/?EIO=4&transport=polling&sid=x"),
    "1312d00\r\n",
    new Uint8Array(20_000_000),
    "\r\n0\r\n\r\n",
  ],
  ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  [Uint8Array.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3]), new Uint8Array(500), "\r\n\r\n"],
];

let victims = 0;

/** What somebody else asks for next gets its own answer: nothing of the attacker's was left in between. */
async function checkVictim(port: number): Promise<void> {
  const victim = (victims += 1);
  const address = Object.entries(newAddress())
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("");
  const { status, body } = await inTime(
    "what somebody else asked",
    rawRequest(port, `GET /victim-${victim} HTTP/1.1\r\nHost: x\r\n${address}\r\n`),
  );
  const text = Buffer.from(body).toString();
  if (status !== 404 || !text.includes(`/victim-${victim}`))
    throw new Error(`somebody else was answered ${status}: ${text}`);
}

/** Requests that nobody can understand: a status that says so, or the end of the connection. */
async function attack(port: number, request: Request): Promise<string> {
  // What is cut off is waited for: half closed, as by somebody who has said all.
  const response = await rawRequest(port, ...request, endOfInput);
  await checkVictim(port);
  return judgeResponse(response, false);
}

/** Closes the attacker's side of the connection. */
const endOfInput = new Uint8Array();

export const rawHttpAttack: Attack = {
  name: "raw-http",
  title: "bytes that are nearly HTTP: two lengths, broken chunks, giant headers, no host at all",
  weight: 4,
  run: async (context) =>
    sum([
      await replay(harmful, (request) => attack(context.port, request)),
      await fuzz(context, fc.oneof({ arbitrary: smuggled, weight: 2 }, odd, garbage), (request) =>
        attack(context.port, request),
      ),
    ]),
};
