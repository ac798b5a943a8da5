import { encode } from "@msgpack/msgpack";
import * as listed from "../../src/features.ts";
import { type Contract, listFeatures } from "../../src/platform/contract/define.ts";
import type { Random } from "./random.ts";
import { talk } from "./talk/contract.ts";

/* Things that no replica writes to Redis, made from a seed. */

const contracts: readonly Contract[] = [...listFeatures(listed).map(({ contract }) => contract), talk];
const pushes = contracts.flatMap((contract) => Object.keys(contract.pushes ?? {}));

const values: unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  "",
  "text",
  "\u0000",
  [],
  [[]],
  {},
  { type: 2 },
  [1, "2", null],
  JSON.parse('{"__proto__":{"rooms":[]},"constructor":1}'),
  { rooms: "no list", except: null },
  { rooms: [1, {}, null], except: [] },
  { rooms: [], except: [], flags: { number: "1", once: 2 } },
  new Uint8Array([255, 0, 1, 2]),
];

/** Objects of the fields that messages have, with anything in them. */
function message(random: Random, depth = 3): unknown {
  if (depth === 0) return random.pick(values);
  const fields: Record<string, unknown> = {};
  for (const name of [
    "packet",
    "opts",
    "rooms",
    "except",
    "data",
    "requestId",
    "type",
    "nsp",
    "uid",
    "close",
  ]) {
    if (random.index(3) > 0)
      fields[name] = random.index(2) ? random.pick(values) : message(random, depth - 1);
  }
  return fields;
}

export function bytes(random: Random, length = random.index(200) + 1): Buffer {
  return Buffer.from(Array.from({ length }, () => random.index(256)));
}

function uid(random: Random): string {
  return Array.from({ length: 16 }, () => random.index(16).toString(16)).join("");
}

/** What is well-formed but for one thing. */
function almost(random: Random): Record<string, unknown> {
  const event = random.pick<unknown>([
    "no-event-of-ours",
    "constructor",
    random.pick(pushes),
    7,
    "connection",
  ]);
  return {
    packet: { type: 2, data: [event, random.pick(values), random.pick(values)] },
    opts: { rooms: [], except: [], flags: {} },
  };
}

/** A stream entry as a replica writes it, with an event that is not the contract's. */
export function foreignEvent(random: Random): string[] {
  const data = JSON.stringify(almost(random));
  return ["uid", uid(random), "nsp", "/", "type", "3", "sequence", "1", "data", data];
}

/** Fields and values of a stream entry. */
export function streamEntry(random: Random): (string | Buffer)[] {
  const data = random.index(2) ? almost(random) : message(random);
  const type = String(random.pick<unknown>([3, 3, 3, 4, 5, 6, 9, 13, 99, "x", ""]));
  const text = random.pick([
    JSON.stringify(data),
    Buffer.from(encode(data)).toString("base64"),
    "{",
    "[",
    "!",
  ]);
  const batch = random.pick([JSON.stringify([data]), Buffer.from(encode([data])), bytes(random), "[1"]);
  const all: [string, string | Buffer][] = [
    ["uid", random.pick([uid(random), uid(random), "", "x".repeat(1000)])],
    ["nsp", random.pick(["/", "/", "/other", "__proto__"])],
    ["type", type],
    ["sequence", random.pick(["1", "1", "-1", "1e99", "x", "9007199254740993"])],
    random.index(2) ? ["data", text] : ["batch", batch],
    ["count", random.pick(["1", "1", "4294967295", "x"])],
    ["struck", random.pick(["0", "x", "1,2,,"])],
    ["gap", "1"],
  ];
  const kept = all.filter((_, index) => random.index(8) > (index > 5 ? 6 : 0));
  return (kept.length > 0 ? kept : [["x", "y"] as const]).flat();
}

/** A message of the adapter's channels. */
export function pubSubMessage(random: Random): Buffer {
  if (random.index(4) === 0) return bytes(random);
  const type = random.pick<unknown>([1, 2, 3, 7, 8, 9, 10, 11, 12, 13, 99, "9", null]);
  const packet = random.pick<unknown>([
    ["presence", random.pick(values), random.pick<unknown>([2e9, "x", null, new Uint8Array([200, 1])])],
    ["presence-wanted", random.pick(values)],
    ["connection", {}],
    random.pick(values),
  ]);
  const data = random.pick<unknown>([
    message(random),
    almost(random),
    { packet },
    { packet, requestId: "x" },
    {
      requestId: "x",
      sockets: random.pick(values),
      opts: random.pick(values),
      clientCount: random.pick(values),
    },
  ]);
  return Buffer.from(encode({ uid: random.pick<unknown>([uid(random), 1]), nsp: "/", type, data }));
}

/** A value for a key that should hold JSON. */
export function json(random: Random): string | Buffer {
  return random.pick([
    JSON.stringify(message(random)),
    JSON.stringify(random.pick(values)),
    bytes(random),
    "{",
  ]);
}
