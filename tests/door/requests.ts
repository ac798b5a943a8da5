import * as fc from "fast-check";

/* Requests for Engine.IO's path that no client makes, as they stand on the wire. */

export interface HttpVisit {
  way: "http";
  user: number | undefined;
  /** `SID` stands for the id of an open session, `TOKEN` for a token. */
  head: string;
  body: string;
  /** Whether it makes pauses within. */
  isSlow: boolean;
  /** Whether it waits for the answer. */
  reads: boolean;
}

/** Of any code points; fast-check's own unit `binary` takes seconds to be made. */
export const anyText = (maxLength: number): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof(fc.nat(0x7f), fc.nat(0x10_ffff)), { maxLength })
    .map((codes) => String.fromCodePoint(...codes));

const values = fc.oneof(
  fc.constantFrom(
    "",
    "4",
    "3",
    "polling",
    "websocket",
    "webtransport",
    "__proto__",
    "SID",
    "constructor",
    "%",
    "%00",
  ),
  fc.string({ maxLength: 10 }).map(encodeURIComponent),
  fc.constant("x".repeat(3000)),
);
const names = fc.constantFrom(
  "EIO",
  "transport",
  "sid",
  "j",
  "b64",
  "t",
  "__proto__",
  "constructor",
  "x[__proto__][y]",
);
const queries = fc.oneof(
  fc.constantFrom(
    "EIO=4&transport=polling",
    "EIO=4&transport=polling&sid=SID",
    "EIO=4&transport=websocket&sid=SID",
    "EIO=4&transport=polling&sid=SID&sid=SID",
    "EIO=4&EIO=3&transport=polling&transport=websocket",
    "EIO=4&transport=polling&__proto__=x",
    "a=1&".repeat(500),
  ),
  fc
    .array(fc.tuple(names, values), { maxLength: 5 })
    .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join("&")),
);
const methods = fc.constantFrom(
  "GET",
  "POST",
  "POST",
  "POST",
  "HEAD",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
  "TRACE",
  "get",
  "X",
);
const headers = fc.array(
  fc.constantFrom(
    "Content-Type: text/plain",
    "Content-Type: application/octet-stream",
    "Content-Type: multipart/form-data; boundary=x",
    "Content-Type: text/plain; charset=utf-16",
    "Content-Encoding: gzip",
    "Expect: 100-continue",
    "Connection: close",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Upgrade: h2c",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Version: 99",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Key: x",
    "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
    "__proto__: x",
    "Authorization: Bearer TOKEN",
    "Origin: https://evil.example",
    "Origin: null",
    "X-Forwarded-For: 1, 2, 3",
    `X: ${"x".repeat(17_000)}`,
    "Host: other",
    "Cookie: io=x; io=y",
  ),
  { maxLength: 4 },
);
const bodies = fc.oneof(
  fc.constantFrom("", "40", '40{"token":"TOKEN"}', "42[]\u001e3\u001e40", "b", "\u001e\u001e", "5", "2probe"),
  anyText(50),
  fc.constantFrom("x".repeat(100_000), "3\u001e".repeat(60_000)),
);

/** How it says where the body ends, and the body as it is sent then. */
const framings: Record<string, (body: string) => [line: string, sent: string]> = {
  "as it is": (body) => [`Content-Length: ${Buffer.byteLength(body)}`, body],
  "less than it is": (body) => [`Content-Length: ${Math.floor(Buffer.byteLength(body) / 2)}`, body],
  "more than it is": (body) => [`Content-Length: ${Buffer.byteLength(body) + 10}`, body],
  "too much": (body) => ["Content-Length: 99999999", body],
  "no number": (body) => ["Content-Length: 0x5", body],
  negative: (body) => ["Content-Length: -1", body],
  none: (body) => ["X: y", body],
  chunked: (body) => [
    "Transfer-Encoding: chunked",
    `${Buffer.byteLength(body).toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  ],
  "chunked without an end": (body) => [
    "Transfer-Encoding: chunked",
    `${(Buffer.byteLength(body) + 9).toString(16)}\r\n${body}`,
  ],
  "chunked wrongly": (body) => ["Transfer-Encoding: chunked", `zz\r\n${body}`],
  both: (body) => ["Transfer-Encoding: chunked\r\nContent-Length: 5", body],
};

export const httpVisits: fc.Arbitrary<HttpVisit> = fc
  .record({
    user: fc.option(fc.nat(999), { nil: undefined, freq: 2 }),
    method: methods,
    query: queries,
    lines: headers,
    framing: fc.constantFrom(...Object.keys(framings)),
    body: bodies,
    isSlow: fc.nat(7).map((number) => number === 0),
    reads: fc.nat(7).map((number) => number > 0),
  })
  .map(({ user, method, query, lines, framing, body, isSlow, reads }) => {
    const [line, sent] = framings[framing]?.(body) ?? ["", ""];
    const head = [`${method} /socket.io/?${query} HTTP/1.1`, "Host: x", ...lines, line].join("\r\n");
    return { way: "http", user, head, body: sent, isSlow, reads };
  });
