import * as fc from "fast-check";
import { refusalCodes } from "../../../src/platform/util/errors.ts";
import { authSchema } from "../../../src/platform/gateway/contract.ts";
import { nearly } from "../arbitraries/from-schema.ts";
import { nestedJson } from "../arbitraries/hostile.ts";
import type { Attack } from "../attack.ts";
import { eventPacket } from "../../support/clients/packets.ts";
import { newAddress, openAttacker } from "../../support/clients/attacker.ts";
import { fuzz, replay, sum } from "../fuzz.ts";

const recovery = fc.record(
  {
    pid: fc.oneof(fc.string(), fc.constantFrom("__proto__", "*", "", "x".repeat(100_000))),
    offset: fc.oneof(fc.string(), fc.constantFrom("0-0", "1-1-1", "999999999999999999-9", "~", "__proto__")),
  },
  { requiredKeys: [] },
);

/** What may stand after `40`: an object as a client's `auth` would be, or nothing of the kind. */
const auths = fc.oneof(
  {
    arbitrary: fc
      .tuple(nearly(authSchema, { texts: {}, bytes: {} }), recovery)
      .map(([auth, more]) =>
        typeof auth === "object"
          ? eventPacket([{ ...auth, ...more }])[0].replace(/^[^[]*\[(.*)\]$/s, "$1")
          : eventPacket([auth])[0],
      ),
    weight: 5,
  },
  fc.json(),
  fc.constantFrom(
    "null",
    "[]",
    '"x"',
    "{",
    nestedJson(100_000, "object"),
    `{"name":${nestedJson(100_000, "array")}}`,
    `{"name":"${"x".repeat(1_000_000)}"}`,
  ),
);

/** Let in, told why not, or thrown out. */
async function attack(port: number, auth: string): Promise<string> {
  try {
    const attacker = await openAttacker({ port, auth, headers: newAddress() });
    const answer = await attacker.request("leave-document", { documentId: "a" });
    attacker.socket.destroy();
    return "closed" in answer ? answer.closed : "let in";
  } catch (error) {
    return judgeRefusal((error as Error).message);
  }
}

/** @throws {Error} when it is neither the contract's refusal nor the end of the connection. */
export function judgeRefusal(message: string): string {
  if (/^(close( \d+)?|end)$/.test(message)) return message;
  if (!message.startsWith("{")) throw new Error(message);
  const { data } = JSON.parse(message) as { data?: { code?: string; message?: string } };
  if (!refusalCodes.some((code) => code === data?.code) || /internal error/.test(data?.message ?? ""))
    throw new Error(`not a refusal of the contract: ${message}`);
  return data?.code ?? "";
}

const harmful = [
  '{"name":"\\ud800"}',
  '{"name":"x","pid":"a","offset":"1-1"}',
  '{"__proto__":{"name":"x"},"pid":"__proto__","offset":"0-0"}',
  '{"name":{"toString":1}}',
  '{"name":["x"]}',
];

export const handshakeAttack: Attack = {
  name: "handshake",
  title: "who connects: every kind of `auth`, sessions of others, texts where objects belong",
  weight: 6,
  run: async (context) =>
    sum([
      await replay(harmful, (auth) => attack(context.port, auth)),
      await fuzz(context, auths, (auth) => attack(context.port, auth)),
    ]),
};
