import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Ajv } from "ajv";
import * as Y from "yjs";
import { useClients } from "../features/documents/support/clients.ts";
import { waitFor } from "../../deploy/local/process.ts";

interface Description {
  channels: { events: { messages: Record<string, { payload: object }> } };
  components: object;
}

/** Binary is a string to JSON Schema, and bytes on the wire. */
function withoutBinary(value: unknown): unknown {
  if (value instanceof Uint8Array) return "binary";
  if (Array.isArray(value)) return value.map(withoutBinary);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutBinary(each)]));
}

/** What the server really answers is what it says it would. */
export function referenceSuite(url: () => string): void {
  describe("reference", () => {
    const { socketTo } = useClients();
    const ajv = new Ajv({ strict: false, formats: { binary: true } });
    const describedBy = async () => (await (await fetch(`${url()}/api/asyncapi.json`)).json()) as Description;

    function conforms(description: Description, message: string, value: unknown): void {
      const schema = {
        ...description.channels.events.messages[message]?.payload,
        components: description.components,
      };
      const isValid = ajv.validate(schema, withoutBinary(value));
      assert.ok(isValid, `${message}: ${JSON.stringify(value)}: ${ajv.errorsText()}`);
    }

    test("acknowledgements, and what members are sent, are as described", async () => {
      const description = await describedBy();
      const socket = socketTo(url());
      const documentId = `reference-${crypto.randomUUID()}`;
      const received = new Map<string, unknown>();
      for (const event of ["receive-message", "mode"] as const)
        socket.on(event, (payload: unknown) => void received.set(event, payload));
      const update = Y.encodeStateAsUpdate(new Y.Doc());
      const sent = {
        "join-document": { documentId },
        "send-changes": { documentId, update },
        "send-message": { documentId, id: "1", text: "Hello" },
        "leave-document": { documentId },
      };
      for (const [event, payload] of Object.entries(sent)) {
        conforms(description, event, payload);
        const reply = (await socket.emitWithAck(event as "leave-document", payload)) as { ok: boolean };
        assert.equal(reply.ok, true, event);
        conforms(description, `${event}.reply`, reply);
        assert.throws(() => conforms(description, `${event}.reply`, { ok: "yes" }));
      }
      await waitFor("both events came", () => received.size === 2);
      conforms(description, "mode", received.get("mode"));
      conforms(description, "receive-message", received.get("receive-message"));
    });

    test("refusals are as described", async () => {
      const description = await describedBy();
      const socket = socketTo(url());
      const reply: unknown = await socket.emitWithAck("send-message", {} as never);
      assert.equal((reply as { ok: boolean }).ok, false);
      conforms(description, "send-message.reply", reply);
    });

    test("the page shows every event and route", async () => {
      const description = await describedBy();
      const response = await fetch(`${url()}/docs`);
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
      const text = await response.text();
      for (const name of Object.keys(description.channels.events.messages))
        if (!name.endsWith(".reply")) assert.ok(text.includes(`<code>${name}</code>`), name);
      const { paths } = (await (await fetch(`${url()}/api/openapi.json`)).json()) as { paths: object };
      for (const path of Object.keys(paths)) assert.ok(text.includes(` ${path}</code>`), path);
    });
  });
}
