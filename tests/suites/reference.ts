import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readDescription } from "../support/description.ts";
import { newId, useSockets } from "../support/sockets.ts";
import type { talk } from "../support/talk/contract.ts";

/** What the server really answers is what it says it would. */
export function referenceSuite(url: () => string): void {
  describe("reference", () => {
    const { socketTo } = useSockets();

    test("acknowledgements, and what members are sent, are as described", async () => {
      const { assertExchange } = await readDescription(url());
      const documentId = newId();
      const other = socketTo<typeof talk>(url());
      assert.ok((await other.emitWithAck("join-document", { documentId })).ok);
      const received = assertExchange(other, {}, ["put-here"]);
      const events = {
        "join-document": { documentId },
        say: { documentId, id: "1", text: "Hello" },
        put: { documentId, data: new Uint8Array(3) },
        ask: {},
        "leave-document": { documentId },
      };
      await assertExchange(socketTo(url()), events, ["said", "mode"]);
      await received;
    });

    test("refusals are as described", async () => {
      const { assertIs } = await readDescription(url());
      const reply = await socketTo<typeof talk>(url()).emitWithAck("say", {} as never);
      assert.equal(reply.ok, false);
      assertIs("say.reply", reply);
    });

    test("the page shows every event and route", async () => {
      const { names } = await readDescription(url());
      const response = await fetch(`${url()}/docs`);
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
      const text = await response.text();
      for (const name of names)
        if (!name.endsWith(".reply")) assert.ok(text.includes(`<code>${name}</code>`), name);
      const { paths } = (await (await fetch(`${url()}/api/openapi.json`)).json()) as { paths: object };
      for (const path of Object.keys(paths)) assert.ok(text.includes(` ${path}</code>`), path);
    });
  });
}
