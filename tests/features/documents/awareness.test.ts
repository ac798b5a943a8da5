import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from "y-protocols/awareness";
import * as Y from "yjs";
import { decodePresence, encodePresence } from "../../../src/platform/gateway/presence-codec.ts";

describe("presence on the wire is y-protocols' awareness", () => {
  const awareness = new Awareness(new Y.Doc());
  awareness.setLocalState({ user: { name: "Ada" } });
  const update = encodeAwarenessUpdate(awareness, [awareness.clientID]);
  awareness.destroy();

  test("the server reads what y-protocols writes", () => {
    assert.deepEqual(
      decodePresence(update).map(({ clientId, state }) => ({ clientId, state })),
      [{ clientId: awareness.clientID, state: '{"user":{"name":"Ada"}}' }],
    );
  });

  test("the server writes what y-protocols reads", () => {
    const other = new Awareness(new Y.Doc());
    applyAwarenessUpdate(other, encodePresence([{ clientId: 7, clock: 3, state: '{"x":1}' }]), "test");
    assert.deepEqual(other.getStates().get(7), { x: 1 });
    other.destroy();
  });
});
