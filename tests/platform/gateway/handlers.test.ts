import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { pino } from "pino";
import * as v from "valibot";
import { waitFor } from "../../../deploy/local/process.ts";
import { defineContract } from "../../../src/platform/contract/define.ts";
import { defineFeature } from "../../../src/platform/feature.ts";
import { Refusal } from "../../../src/platform/util/errors.ts";
import { useApp } from "../../support/app.ts";
import { newId, useSockets } from "../../support/sockets.ts";

const summary = "Is there for a test.";
const never = new Promise<never>(() => {});

const shelf = defineContract("shelf", {
  join: {
    summary,
    payload: { ask: v.optional(v.picklist(["well", "refuse", "hang"])) },
    reply: { books: v.number() },
  },
  events: {
    take: { summary, payload: {}, reply: { book: v.object({ id: v.string() }) } },
    drop: { summary, payload: {} },
    count: { summary, payload: {}, reply: {}, room: "joined" },
    hang: { summary, payload: {}, reply: {} },
    wait: { summary, payload: {}, reply: {}, order: "exclusive" },
  },
  pushes: { counted: { summary, payload: { n: v.number() }, room: true, recover: true } },
});
let published: unknown;
const shelfFeature = defineFeature({
  contract: shelf,
  create: ({ rooms }) => ({
    async checkJoin(_sender, { ask }) {
      await Promise.resolve();
      if (ask === "refuse") throw new Refusal("forbidden", "the shelf is locked");
    },
    async join(_sender, { ask }) {
      if (ask === "hang") await never;
      // More than is declared, as a row of a table has it.
      return { books: 3, ok: false, access: "write", hats: 7, secret: "x" };
    },
    handlers: {
      take: () => ({ ok: false, secret: "x", book: { id: "1", secret: "x" } }),
      drop: () => ({ secret: "x" }) as never,
      async count({ room }) {
        published = await rooms.publish(room, "counted", { n: Number.POSITIVE_INFINITY }).catch(String);
        return {};
      },
      hang: () => never,
      wait: () => never,
    },
  }),
});
const hatsFeature = defineFeature({
  contract: defineContract("hats", { join: { summary, payload: {}, reply: { hats: v.number() } } }),
  create: () => ({ join: () => ({ hats: 1, books: 0 }) }),
});

describe("handlers of features", () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[0]) });
  const url = useApp([hatsFeature, shelfFeature], { HANDLER_TIMEOUT_MS: "300" }, log);
  const { socketTo } = useSockets();
  const client = () => socketTo<typeof shelf>(url());

  test("send what is declared as their reply, and no more", async () => {
    const socket = client();
    assert.deepEqual(await socket.emitWithAck("take", {}), { ok: true, book: { id: "1" } });
    const ask = socket as unknown as { emitWithAck: (event: string, payload: object) => Promise<unknown> };
    assert.deepEqual(await ask.emitWithAck("drop", {}), { ok: true });
  });

  test("add to a join what each feature declares, and nothing of another's", async () => {
    const reply = await client().emitWithAck("join-document", { documentId: newId() });
    assert.deepEqual(reply, { ok: true, access: "write", books: 3, hats: 1 });
  });

  test("refuse a join after a time, too", async () => {
    const [socket, documentId] = [client(), newId()];
    const reply = await socket.emitWithAck("join-document", { documentId, ask: "refuse" });
    assert.deepEqual(reply, { ok: false, error: { code: "forbidden", message: "the shelf is locked" } });
    const counted = await socket.emitWithAck("count", { documentId });
    assert.equal(!counted.ok && counted.error.code, "not_joined");
  });

  test("can't publish what other replicas would drop: a TypeError at their line", async () => {
    const [socket, documentId] = [client(), newId()];
    await socket.emitWithAck("join-document", { documentId });
    const reply = await socket.emitWithAck("count", { documentId });
    assert.equal(!reply.ok && reply.error.code, "unavailable");
    const logged = lines.findLast(({ event }) => event === "count") as { err: Error; feature: string };
    assert.match(logged.err.message, /push "counted": n: expected a finite number, got Infinity/);
    assert.match(logged.err.stack ?? "", /handlers\.test\.ts/);
    assert.equal(logged.feature, "shelf");
    assert.equal(published, undefined);
  });

  test("that never end are refused, and the events behind them go on", async () => {
    const [socket, documentId] = [client(), newId()];
    const replies = await Promise.all([
      socket.emitWithAck("hang", {}),
      socket.emitWithAck("wait", {}),
      socket.emitWithAck("join-document", { documentId, ask: "hang" }),
      socket.emitWithAck("count", { documentId }),
      socket.emitWithAck("take", {}),
    ]);
    const codes = replies.map((reply) => (reply.ok ? "ok" : reply.error.code));
    assert.deepEqual(codes, ["unavailable", "unavailable", "unavailable", "not_joined", "ok"]);
    for (const [event, cause] of [
      ["hang", /feature shelf: the handler of hang did not end within 300 ms/],
      ["wait", /feature shelf: the handler of wait did not end/],
      ["join-document", /feature shelf: join did not end/],
    ] as const) {
      await waitFor(`${event} is in the log`, () => lines.some((line) => line["event"] === event));
      const { feature, err } = lines.findLast((line) => line["event"] === event) as {
        feature: string;
        err: Error;
      };
      assert.equal(feature, "shelf");
      assert.match(err.stack ?? "", cause);
    }
  });
});
