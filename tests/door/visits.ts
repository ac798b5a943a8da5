import * as fc from "fast-check";
import { nestedJson } from "../security/arbitraries/hostile.ts";
import { frames } from "./frames.ts";
import { type HttpVisit, anyText, httpVisits } from "./requests.ts";

/* What clients do at the door who keep to no protocol, as data that can be printed. */

/** A packet of Engine.IO, so many times; or bytes below WebSocket's own protocol. */
export interface Part {
  packet: string | Uint8Array;
  times: number;
}
export type FramePart = { frame: Uint8Array };

/** On a way of Engine.IO. `TOKEN` in a packet stands for the user's token, or for a bad one. */
export interface EngineVisit {
  way: "websocket" | "polling" | "upgrade";
  /** Whose valid token it has, if any. */
  user: number | undefined;
  /** Whether it enters as clients do before it sends. */
  enters: boolean;
  parts: (Part | FramePart)[];
  /** Whether it makes pauses between its parts, and in the middle of each. */
  isSlow: boolean;
  /** Whether it reads what it is sent. */
  reads: boolean;
  /** Whether it says that it leaves. */
  says: boolean;
}

export type Visit = EngineVisit | HttpVisit;

/** So many users have a valid token: each may connect 120 times a minute. */
export const users = 1000;

const namespaces = fc.oneof(
  { arbitrary: fc.constant(""), weight: 6 },
  fc.constantFrom("/,", "/admin,", "/__proto__,", "/a?b=c,", "/,,", "//,", `/${"n".repeat(255)},`),
  fc.nat(50).map((index) => `/n${index},`),
  fc.constant(`/${"n".repeat(300)},`),
);

const auths = fc.oneof(
  { arbitrary: fc.constant('{"token":"TOKEN"}'), weight: 4 },
  fc.constantFrom(
    "",
    "null",
    "[]",
    '"x"',
    "{",
    '{"token":"TOKEN","pid":"a","offset":"1-1"}',
    '{"token":"TOKEN","pid":"__proto__","offset":"0-0"}',
    '{"token":"TOKEN","pid":{},"offset":[]}',
    '{"token":"TOKEN","pid":"a","offset":"~"}',
    '{"__proto__":{"token":"TOKEN"},"constructor":1}',
    '{"token":["TOKEN"],"name":{}}',
    `{"token":"TOKEN","x":${nestedJson(150, "array")}}`,
    `{"token":"TOKEN","x":${nestedJson(2000, "object")}}`,
    `{"token":"TOKEN","name":"${"n".repeat(15_000)}"}`,
    `{"token":"TOKEN","x":"${"x".repeat(17_000)}"}`,
  ),
  fc.json(),
);

const documentIds = fc.constantFrom("hostile-1", "hostile-2", "__proto__", "constructor", "..", "");
const payloads = fc.oneof(
  documentIds.map((documentId) => JSON.stringify(["join-document", { documentId }])),
  documentIds.map((documentId) => JSON.stringify(["leave-document", { documentId }])),
  fc
    .tuple(documentIds, fc.nat(20))
    .map(([documentId, id]) => JSON.stringify(["say", { documentId, id: `${id}`, text: "x" }])),
  fc.constantFrom(
    "[]",
    "{}",
    "[null]",
    '["x"',
    "false",
    '"x"',
    "",
    "[5]",
    '["disconnecting"]',
    '["error",{}]',
  ),
  fc.json().map((json) => `["put",${json}]`),
  anyText(100),
);
const numbers = fc.constantFrom("", "", "1", "0", "999999999999999999999", "-1", "1.5", "1e9");
const counts = fc.constantFrom(
  "",
  "0-",
  "1-",
  "2-",
  "3-",
  "10-",
  "11-",
  "5000-",
  "1000000000-",
  "-1-",
  "1e1-",
  "x-",
);

const text = fc.oneof(
  { arbitrary: fc.tuple(namespaces, auths).map(([nsp, auth]) => `40${nsp}${auth}`), weight: 4 },
  {
    arbitrary: fc.tuple(namespaces, numbers, payloads).map(([nsp, id, args]) => `42${nsp}${id}${args}`),
    weight: 4,
  },
  fc.tuple(namespaces, numbers, payloads).map(([nsp, id, args]) => `43${nsp}${id}${args}`),
  fc
    .tuple(fc.constantFrom("45", "46"), counts, namespaces, numbers, payloads)
    .map(([type, count, nsp, id, args]) => `${type}${count}${nsp}${id}${args}`),
  namespaces.map((nsp) => `41${nsp}`),
  fc.constantFrom(
    "44",
    '44{"message":"x"}',
    "47",
    "4",
    "0",
    "1",
    "2",
    "3",
    "5",
    "6",
    "7",
    "",
    "2probe",
    "3probe",
  ),
  fc.constantFrom("b", "bAAAA", "b====", "b%"),
  anyText(50),
);

const attachment = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.constantFrom(10_000, 100_000).map((length) => new Uint8Array(length)),
);
const once = (packet: string | Uint8Array): Part => ({ packet, times: 1 });

/** A binary event with as many attachments as it says, fewer, more, or with another packet between. */
const binaryEvent = fc
  .tuple(
    fc.integer({ min: 1, max: 12 }),
    fc.array(fc.oneof({ arbitrary: attachment, weight: 5 }, text), { maxLength: 12 }),
  )
  .map(([count, others]): Part[] => {
    const places = Array.from({ length: count }, (_, num) => ({ _placeholder: true, num }));
    return [
      `45${count}-${JSON.stringify(["put", { documentId: "hostile-1", data: places[0] }, ...places])}`,
      ...others,
    ].map(once);
  });

/** Floods: many of one packet. The largest are rare, as each takes the generator long as well. */
const flood = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(
        "40",
        "3",
        "2",
        "2probe",
        "41",
        '42["leave-document",{}]',
        '40{"pid":"a","offset":"1-1"}',
        "40/n,",
        "451-[]",
      ),
      text.filter((packet) => packet.length < 200),
    ),
    fc.oneof(
      { arbitrary: fc.integer({ min: 2, max: 200 }), weight: 30 },
      { arbitrary: fc.integer({ min: 200, max: 5000 }), weight: 5 },
      fc.constant(60_000),
    ),
  )
  .map(([packet, times]): Part[] => [{ packet, times }]);

const several = fc
  .array(
    fc.oneof(
      { arbitrary: text.map((packet) => [once(packet)]), weight: 12 },
      { arbitrary: attachment.map((packet) => [once(packet)]), weight: 1 },
      { arbitrary: binaryEvent, weight: 3 },
      { arbitrary: flood, weight: 1 },
    ),
    { minLength: 1, maxLength: 5 },
  )
  .map((parts) => parts.flat());

const rarely = fc.nat(7).map((number) => number === 0);
const circumstances = {
  user: fc.option(fc.nat(users - 1), { nil: undefined, freq: 2 }),
  enters: fc.boolean(),
  isSlow: rarely,
  reads: rarely.map((isRare) => !isRare),
  says: fc.boolean(),
};

/** Probes and upgrades in any order, on a session that is open. */
const upgradeParts = fc
  .array(
    fc.oneof(
      { arbitrary: fc.constantFrom("2probe", "5", "2", "6", "40", "2probe", "5"), weight: 6 },
      { arbitrary: text, weight: 2 },
      fc.uint8Array({ maxLength: 20 }),
    ),
    { minLength: 0, maxLength: 5 },
  )
  .chain((packets) =>
    fc.tuple(
      ...packets.map((packet) => fc.constantFrom(1, 1, 1, 2, 500).map((times) => ({ packet, times }))),
    ),
  );

export const visits: fc.Arbitrary<Visit> = fc.oneof(
  {
    arbitrary: fc.record<EngineVisit>({ ...circumstances, way: fc.constant("websocket"), parts: several }),
    weight: 30,
  },
  {
    arbitrary: fc.record<EngineVisit>({ ...circumstances, way: fc.constant("websocket"), parts: frames }),
    weight: 20,
  },
  {
    arbitrary: fc.record<EngineVisit>({ ...circumstances, way: fc.constant("polling"), parts: several }),
    weight: 25,
  },
  {
    arbitrary: fc.record<EngineVisit>({ ...circumstances, way: fc.constant("upgrade"), parts: upgradeParts }),
    weight: 10,
  },
  { arbitrary: httpVisits, weight: 15 },
);
