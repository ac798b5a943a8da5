import * as fc from "fast-check";
import type { Attack } from "../attack.ts";
import { newAddress } from "../../support/clients/attacker.ts";
import { type RawResponse, judgeResponse, rawRequest } from "../../support/clients/raw-http.ts";
import { fuzz, replay, sum } from "../fuzz.ts";

/** What must never be in an answer: files of the server's machine. */
const secrets = ["root:x:0:0", '"devDependencies"', "createApp", "SQLite format 3"];

const segments = fc.oneof(
  fc.constantFrom(
    "..",
    ".",
    "%2e%2e",
    "..%2f..%2fpackage.json",
    "%2fetc%2fpasswd",
    "..\\..\\package.json",
    "%5c..%5c",
    "%00",
    "%c0%ae%c0%ae",
    "....//",
    "package.json",
    "src",
    "app.ts",
    "__proto__",
    "constructor",
    "%",
    "%zz",
    "%f0%28%8c%28",
    "page.js",
    "a".repeat(3000),
  ),
  fc.string({ maxLength: 20 }).map(encodeURIComponent),
  fc.constantFrom("document-1", "<script>", "{id}", "a;b", "a b").map(encodeURI),
);
const roots = fc.constantFrom(
  "/",
  "/livez",
  "/readyz",
  "/metrics",
  "/api",
  "/api/documents",
  "/api/cluster",
  "/d",
  "/assets",
  "/socket.io",
  "/socket.io/",
);
const queries = fc.oneof(
  fc.constant(""),
  fc.constantFrom(
    "?EIO=4&transport=polling",
    "?EIO=3&transport=polling",
    "?EIO=4&transport=websocket",
    "?transport=__proto__&EIO=4",
    "?EIO=4&transport=polling&sid=foreign",
    "?EIO=4&transport=websocket&sid=__proto__",
    "?EIO=4&transport=polling&b64=1&j=0",
    "?x[__proto__][y]=1",
    `?${"a=1&".repeat(500)}`,
  ),
);
const methods = fc.constantFrom(
  "GET",
  "GET",
  "GET",
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "PATCH",
  "OPTIONS",
);
const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCodePoint(code)),
  maxLength: 60,
});
const headers = fc.array(
  fc.oneof(
    fc.tuple(
      fc.constantFrom(
        "Accept",
        "Cookie",
        "If-None-Match",
        "Accept-Encoding",
        "Origin",
        "Authorization",
        "Content-Type",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "Range",
      ),
      fc.oneof(visible, fc.constantFrom("application/json", "*/*", "text/html")),
    ),
    fc.constantFrom<[string, string]>(
      ["Upgrade", "h2c"],
      ["Connection", "upgrade"],
      ["Upgrade", "websocket"],
      ["Cookie", "replica=x; ".repeat(200)],
      ["Accept", "application/json,".repeat(100)],
    ),
  ),
  { maxLength: 4 },
);

const requests = fc
  .record({
    method: methods,
    root: roots,
    path: fc.array(segments, { maxLength: 3 }),
    query: queries,
    headers,
    close: fc.boolean(),
  })
  .map(({ method, root, path, query, headers: lines, close }) => {
    const all = [...Object.entries(newAddress()), ...lines];
    const target = [root, ...path].join("/").replace("//", "/") + query;
    return `${method} ${target} HTTP/1.1\r\nHost: x\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join("")}${close ? "Connection: close\r\n" : ""}\r\n`;
  });

/** A request that anyone can understand is answered by the contract, whatever it is for. */
async function attack(port: number, request: string): Promise<string> {
  const response = await rawRequest(port, request);
  checkSecrets(response);
  if (request.startsWith("HEAD ")) return judgeResponse({ ...response, body: new Uint8Array() }, false);
  // No path has a backslash, or a percent sign alone: libraries answer that by themselves, and without a word.
  const isUnderstood = !/^\S+ \S*(\\|%(?![\da-f]{2}))/i.test(request);
  // Such a connection is not HTTP's any more; what it says is the WebSocket's business.
  return judgeResponse(response, isUnderstood && !(/upgrade/i.test(request) && response.status === 400));
}

function checkSecrets({ all }: RawResponse): void {
  const text = all.toString("latin1");
  // The page's script is our own source, and may say anything.
  if (/^content-type: text\/javascript/im.test(text)) return;
  for (const secret of secrets)
    if (text.includes(secret)) throw new Error(`a file of the server's: ${text.slice(0, 500)}`);
}

const get = (target: string, more = "") => `GET ${target} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const harmful = [
  ...[
    "/assets/../package.json",
    "/assets/..%2f..%2fpackage.json",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/assets/..%5c..%5cpackage.json",
    "/assets//etc/passwd",
    "/assets/%00page.js",
    "/assets/....//....//package.json",
    "//etc/passwd",
    "/d/../../package.json",
  ].map((target) => get(target)),
  get("/api/documents/.."),
  get("/api/documents/%2e%2e"),
  get("/api/documents/__proto__", "Accept: application/json\r\n"),
  // Answered with 500, or never.
  "PUT /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n",
  get("/socket.io/?EIO=4&transport=websocket"),
  get("/socket.io/?EIO=4&transport=polling", "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
  get("/socket.io/?EIO=4&transport=websocket", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
  get("/livez", "Connection: Upgrade\r\nUpgrade: websocket\r\n"),
  get("/livez", "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
];

export const httpAttack: Attack = {
  name: "http",
  title: "HTTP routes: paths that leave their folder, any method, query and header",
  weight: 6,
  run: async (context) =>
    sum([
      await replay(harmful, (request) => attack(context.port, request)),
      await fuzz(context, requests, (request) => attack(context.port, request)),
    ]),
};
