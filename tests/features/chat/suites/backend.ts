import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { waitFor } from "../../../../deploy/local/process.ts";
import { newId, useSockets } from "../../../support/sockets.ts";
import { ask } from "../../../support/api.ts";

/** Messages by backends, on a server that has their key. */
export function backendMessageSuite(url: () => string): void {
  describe("messages by backends", () => {
    const { socketTo } = useSockets();

    test("a message of a client takes no key of a backend", async () => {
      const id = newId();
      const ada = socketTo(url());
      const heard: string[] = [];
      ada.on("receive-message", ({ text }) => heard.push(text));
      await ada.emitWithAck("join-document", { documentId: id });
      await ada.emitWithAck("join-document", { documentId: "backend" });
      // If the two had keys of one form, this would have the key of the backend's event.
      const message = { documentId: "backend", id: `${id}:1`, text: "taken" };
      assert.ok((await ada.emitWithAck("send-message", message)).ok);
      await ask(url(), "POST", `/api/documents/${id}/events`, {
        body: {
          event: "receive-message",
          payload: { id: "1", from: "The backend", text: "arrives" },
        },
        headers: { "idempotency-key": "1" },
      });
      await waitFor("the event arrives", () => heard.includes("arrives"));
    });
  });
}
