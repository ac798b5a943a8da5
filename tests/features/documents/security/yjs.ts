import * as Y from "yjs";
import { nestedJson } from "../../../security/arbitraries/hostile.ts";
import { manyStructs, manySubdocuments, repeated, single, slowToRead, updates, write } from "./updates.ts";
import type { Attack, AttackContext } from "../../../security/attack.ts";
import { type Attacker, judge, openAttacker } from "../../../support/clients/attacker.ts";
import { rawRequest, judgeResponse } from "../../../support/clients/raw-http.ts";
import { createPool } from "../../../support/clients/pool.ts";
import { fuzz, replay, sum } from "../../../security/fuzz.ts";

/** Updates that once did harm. Yjs decodes all of them. */
const harmful: Uint8Array[] = [
  // Can be read, and not written again: whoever joins next would fail, for ever.
  single(5, write.text(nestedJson(5000, "array"))),
  single(2, write.all(write.uint(1), write.text(nestedJson(100_000, "object")))),
  single(9, write.all(write.text("g"), write.any({ guid: null }))),
  // Clocks that add up to more than a number can hold.
  repeated(3, 0, write.uint(2 ** 53 - 1)),
  // No length: Yjs never finds what comes after.
  repeated(2, 0, write.uint(0)),
  single(4, write.text("")),
  // Builds on itself: `Y.applyUpdate` throws at every reader.
  repeated(1, 4 | 0x80, write.all(write.uint(1), write.uint(7), write.text("x"))),
  // Numbers and bytes that JSON has no word for.
  single(8, write.all(write.uint(2), write.any(2n ** 60n), write.any(Uint8Array.of(1, 2, 3)))),
  // Much work for few bytes.
  manyStructs(1_000_000),
  manySubdocuments(100_000),
  slowToRead(8000),
];

/** A state vector of a million clients. */
const longStateVector = Uint8Array.from({ length: 2_000_003 }, (_, index) => [0xc0, 0x84, 0x3d][index] ?? 1);

/** Members of a document can store in it what they like; it must stay readable for the others. */
async function attackDocument(
  { port, via }: AttackContext,
  attacker: Attacker,
  reader: Attacker,
  documentId: string,
  update: Uint8Array,
) {
  await attacker.request("join-document", { documentId });
  const answer = judge(await attacker.request("send-changes", { documentId, update }));
  // Something of somebody else's, so that reading it is merging it.
  const doc = new Y.Doc();
  doc.getText("other").insert(0, "still here");
  const other = judge(await reader.request("join-document", { documentId }));
  const sent = judge(
    await reader.request("send-changes", { documentId, update: Y.encodeStateAsUpdate(doc) }),
  );
  const again = judge(await reader.request("join-document", { documentId, stateVector: Uint8Array.of(0) }));
  const replies = [other, sent, again];
  // Through the balancer all come from one address, and have what it may cost in common.
  if (replies.includes("rate_limited") && via === "caddy") return `${answer}, and no more for a while`;
  for (const reply of replies)
    if (reply !== "ok") throw new Error(`others are answered ${reply} after: ${answer}`);
  for (const accept of ["*/*", "application/json"]) {
    const response = await rawRequest(
      port,
      `GET /api/documents/${documentId} HTTP/1.1\r\nHost: x\r\nAccept: ${accept}\r\n\r\n`,
    );
    judgeResponse(response);
    if (accept === "*/*") checkReadable(response.body);
  }
  for (const member of [attacker, reader]) judge(await member.request("leave-document", { documentId }));
  return answer;
}

/** What the server took must not throw in anybody's client, and hold what others wrote. */
function checkReadable(stored: Uint8Array): void {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, stored);
  if (doc.getText("other").toString() !== "still here") throw new Error("what somebody else wrote is gone");
}

/** A member who writes as somebody else: what that one wrote before stays, here and with all who read. */
async function overwrite(port: number, documentId: string): Promise<string> {
  const [victim, attacker] = [await openAttacker({ port }), await openAttacker({ port })];
  const doc = new Y.Doc();
  doc.getText("content").insert(0, "mine, and only mine");
  for (const { request } of [victim, attacker]) judge(await request("join-document", { documentId }));
  judge(await victim.request("send-changes", { documentId, update: Y.encodeStateAsUpdate(doc) }));
  const outcomes: string[] = [];
  for (const text of ["EVIL", "mine, and only EVIL", "EVIL".repeat(20)]) {
    const forged = new Y.Doc();
    forged.clientID = doc.clientID;
    forged.getText("content").insert(0, text);
    const update = Y.encodeStateAsUpdate(forged);
    outcomes.push(judge(await attacker.request("send-changes", { documentId, update })));
    const { body } = await rawRequest(port, `GET /api/documents/${documentId} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const stored = new Y.Doc();
    Y.applyUpdate(stored, body);
    const found = stored.getText("content").toString();
    // What is longer goes on where the other ended: members may add to a document.
    if (!found.startsWith("mine, and only mine")) throw new Error(`what was written became: ${found}`);
  }
  for (const { socket } of [victim, attacker]) socket.destroy();
  return outcomes.join(", ");
}

export const yjsAttack: Attack = {
  name: "yjs",
  title: "Yjs updates: random, broken, endless, deep, slow; the document stays readable for all",
  weight: 16,
  async run(context) {
    const { port } = context;
    const attackers = createPool(4, { port });
    const readers = createPool(4, { port });
    let documents = 0;
    const prefix = `yjs-${Math.random().toString(36).slice(2)}`;
    const attack = async (update: Uint8Array) =>
      attackDocument(
        context,
        await attackers.next(),
        await readers.next(),
        `${prefix}-${documents++}`,
        update,
      );
    try {
      return sum([
        await replay(harmful.slice(0, -1), attack),
        await replay([longStateVector], async (stateVector) =>
          judge(await (await attackers.next()).request("join-document", { documentId: prefix, stateVector })),
        ),
        await replay([slowToRead(8000)], (update) => attackSlowly(port, `${prefix}-slow`, update)),
        await replay([`${prefix}-forged`], (documentId) => overwrite(port, documentId)),
        await fuzz(context, updates, attack),
      ]);
    } finally {
      await attackers.close();
      await readers.close();
    }
  },
};

/** A document that takes its readers long: the server must not be one of them. */
async function attackSlowly(port: number, documentId: string, update: Uint8Array): Promise<string> {
  const attacker = await openAttacker({ port });
  await attacker.request("join-document", { documentId });
  const answer = judge(await attacker.request("send-changes", { documentId, update }));
  attacker.socket.destroy();
  const response = await rawRequest(
    port,
    `GET /api/documents/${documentId} HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n\r\n`,
  );
  return `${answer}, then ${judgeResponse(response)}`;
}
