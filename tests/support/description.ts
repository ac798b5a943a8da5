import assert from "node:assert/strict";
import { Ajv } from "ajv";
import { waitFor } from "../../deploy/local/process.ts";

interface Description {
  channels: Record<string, { messages: Record<string, { payload: object }> }>;
  components: object;
}

/** Clients of any contract. */
interface AnyClient {
  on: (push: string, listener: (payload: unknown) => void) => unknown;
  emitWithAck: (event: string, payload: object) => Promise<unknown>;
}

/** Binary is a string to JSON Schema, and bytes on the wire. */
function withoutBinary(value: unknown): unknown {
  if (value instanceof Uint8Array) return "binary";
  if (Array.isArray(value)) return value.map(withoutBinary);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutBinary(each)]));
}

/** What a server says of its events, replies (`<event>.reply`) and pushes. */
export async function readDescription(url: string) {
  const description = (await (await fetch(`${url}/api/asyncapi.json`)).json()) as Description;
  const messages: Record<string, { payload: object }> = Object.assign(
    {},
    ...Object.values(description.channels).map((channel) => channel.messages),
  );
  const ajv = new Ajv({ strict: false, formats: { binary: true } });

  /** @throws {Error} when a value is not as the server says. */
  function assertIs(name: string, value: unknown): void {
    const schema = { ...messages[name]?.payload, components: description.components };
    const isValid = ajv.validate(schema, withoutBinary(value));
    assert.ok(isValid, `${name}: ${JSON.stringify(value)}: ${ajv.errorsText()}`);
  }

  return {
    names: Object.keys(messages),
    assertIs,

    /** Sends events that are taken, and waits for pushes: payloads, replies and pushes must be as the server says. */
    async assertExchange(client: object, events: Record<string, object>, pushes: string[]): Promise<void> {
      const { on, emitWithAck } = client as AnyClient;
      const received = new Map<string, unknown>();
      for (const push of pushes) on.call(client, push, (payload) => void received.set(push, payload));
      for (const [event, payload] of Object.entries(events)) {
        assertIs(event, payload);
        const reply = (await emitWithAck.call(client, event, payload)) as { ok: boolean };
        assert.equal(reply.ok, true, event);
        assertIs(`${event}.reply`, reply);
        assert.throws(() => assertIs(`${event}.reply`, { ok: "yes" }));
      }
      await waitFor(`${pushes.join(", ")} came`, () => received.size === pushes.length);
      for (const [push, payload] of received) assertIs(push, payload);
    },
  };
}
