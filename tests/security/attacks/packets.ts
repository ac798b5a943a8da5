import * as fc from "fast-check";
import { placeholders } from "../arbitraries/hostile.ts";
import type { Attack } from "../attack.ts";
import { newAddress, openAttacker } from "../../support/clients/attacker.ts";
import { rawRequest } from "../../support/clients/raw-http.ts";
import { frame } from "../../support/clients/websocket.ts";
import { inTime } from "../../support/clients/in-time.ts";
import { fuzz, replay, sum } from "../fuzz.ts";

/** What goes over one WebSocket that is in the namespace: messages, or bytes as they are. */
interface Script {
  messages: (string | Uint8Array)[];
  /** Below WebSocket's own protocol. */
  bytes?: Uint8Array[];
}

const small = fc.uint8Array({ maxLength: 64 });
const payloads = fc.oneof(
  fc.constantFrom(
    '["join-document",{"documentId":"a"}]',
    "[]",
    "{}",
    "[null]",
    '["x"',
    "false",
    '"x"',
    "",
    "[5]",
  ),
  fc.json(),
  placeholders.map((value) => JSON.stringify(["put", { documentId: "a", data: value }])),
  fc.string({ unit: "binary" }),
);
const namespaces = fc.constantFrom(
  "",
  "",
  "/,",
  "/admin,",
  "/__proto__,",
  `/${"x".repeat(5000)},`,
  "/a?b=c,",
  "/,,",
);
const numbers = fc.constantFrom("", "1", "0", "999999999999999999999", "-1", "1.5", "1e9");
const counts = fc.constantFrom(
  "",
  "0-",
  "1-",
  "2-",
  "10-",
  "11-",
  "5000-",
  "1000000000-",
  "-1-",
  "1e1-",
  "x-",
);
const text = fc
  .tuple(
    fc.constantFrom("4", "4", "4", "4", "0", "1", "2", "3", "5", "6", "7", "b", ""),
    fc.constantFrom("0", "1", "2", "3", "4", "5", "6", "7", "9", "x", ""),
    counts,
    namespaces,
    numbers,
    payloads,
  )
  .map(
    ([engine, type, count, namespace, id, payload]) =>
      `${engine}${type}${/[56]/.test(type) ? count : ""}${namespace}${id}${payload}`,
  );

const messages = fc.record({
  messages: fc.array(
    fc.oneof({ arbitrary: text, weight: 4 }, fc.string({ unit: "binary", maxLength: 50 }), small),
    { minLength: 1, maxLength: 5 },
  ),
});

/** Frames that WebSocket forbids (RFC 6455, section 5): reserved opcodes and bits, no mask, wrong lengths. */
const frames = fc
  .tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 }), fc.uint8Array({ maxLength: 140 }))
  .map(([first, second, rest]): Script => ({ messages: [], bytes: [Uint8Array.of(first, second), rest] }));
const cutOff = fc.tuple(text, fc.nat()).map(([message, at]): Script => ({
  messages: [],
  bytes: [frame(1, message).subarray(0, at % (message.length + 6))],
}));

const scripts: fc.Arbitrary<Script> = fc.oneof({ arbitrary: messages, weight: 6 }, frames, cutOff);

const many = (count: number, message: string | Uint8Array) => Array.from({ length: count }, () => message);

/** Those that once did harm, or would where something is counted on that is not so. */
const harmful: Script[] = [
  // Every CONNECT that came before the first was answered became a socket of its own.
  { messages: many(1000, "40") },
  { messages: many(1000, "40/other,") },
  { messages: [`40/${"x".repeat(1_000_000)},`] },
  { messages: ["40[]"] },
  { messages: ["40null"] },
  { messages: [`40{"token":"${"x".repeat(1_000_000)}"}`] },
  { messages: ["42"] },
  { messages: ["42[]"] },
  { messages: ['42["disconnecting"]'] },
  { messages: ['42["newListener",1]'] },
  { messages: ['42["error",{}]'] },
  { messages: ["430[]", "43", '43999["x"]', "461-0[]", new Uint8Array(9)] },
  { messages: ["44", '44{"message":"x"}'] },
  // Announced and not sent, sent and not announced, another text in between.
  { messages: ["4510000-[]"] },
  { messages: many(5000, new Uint8Array(10)) },
  { messages: ['4510-["put",{}]', ...many(9, new Uint8Array(100_000))] },
  { messages: ['451-["put",{"_placeholder":true,"num":0}]', '42["x"]', new Uint8Array(1)] },
  { messages: ["x".repeat(6_000_000)] },
  { messages: [new Uint8Array(6_000_000)] },
  // A frame that says it has 2^63 bytes, one without a mask, a text that is no UTF-8, fragments without end.
  { messages: [], bytes: [Uint8Array.of(0x82, 0xff, 0x7f, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0)] },
  { messages: [], bytes: [Uint8Array.of(0x81, 2, 0x34, 0x32)] },
  { messages: [], bytes: [frame(1, Uint8Array.of(0x34, 0x32, 0xff, 0xfe))] },
  { messages: [], bytes: many(2000, "").map(() => Uint8Array.of(0x01, 0x80, 0, 0, 0, 0)) },
  { messages: [], bytes: [frame(8, Uint8Array.of(3)), frame(9, new Uint8Array(126))] },
  { messages: many(2000, "3") },
  { messages: ["2", "2probe", "5", "6", "0", "1"] },
];

const livez = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

/**
 * Sends, then asks for something on the same connection: either it was closed, or it still works. A frame
 * that is cut off swallows the question: then the connection may wait, as long as its pings are missed.
 */
async function attack(port: number, { messages: sent, bytes = [] }: Script): Promise<string> {
  const attacker = await openAttacker({ port, headers: newAddress() });
  const { socket } = attacker;
  try {
    socket.send(...sent);
    for (const each of bytes) socket.write(each);
    if (bytes.length > 0) {
      // By the second answer to somebody else the server has read the bytes.
      const others = rawRequest(port, livez).then(() => rawRequest(port, livez));
      return await Promise.race([socket.closed, others.then(() => "waits")]);
    }
    const answer = await inTime(
      "a question after it",
      attacker.request("leave-document", { documentId: "a" }),
    );
    return "closed" in answer ? answer.closed : "ignored";
  } finally {
    socket.destroy();
  }
}

export const packetAttack: Attack = {
  name: "packets",
  title: "Socket.IO packets and WebSocket frames: wrong types, counts, namespaces, placeholders, lengths",
  weight: 14,
  run: async (context) =>
    sum([
      await replay(harmful, (script) => attack(context.port, script)),
      await fuzz({ ...context, batch: 32 }, scripts, (script) => attack(context.port, script)),
    ]),
};
