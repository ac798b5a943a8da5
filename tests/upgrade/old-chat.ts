import * as v from "valibot";
import { defineContract } from "../../src/platform/contract/define.ts";
import { defineFeature } from "../../src/platform/feature.ts";

/** The events and pushes that the rooms of fixtures have, as 0.1.0 had them. Never changed: old data and clients have these. */
export const oldChat = defineContract("chat-of-0.1.0", {
  events: {
    "send-message": {
      summary: "Says something to all members.",
      payload: { id: v.pipe(v.string(), v.minLength(1)), text: v.pipe(v.string(), v.minLength(1)) },
      reply: {},
      room: "joined",
      needs: "write",
    },
  },
  pushes: {
    "receive-message": {
      summary: "A member said something.",
      payload: { id: v.string(), from: v.string(), text: v.string(), sentAt: v.optional(v.number()) },
      room: true,
      recover: true,
    },
  },
});

/** For apps without a chat: what the platform keeps of messages across versions is tested there, too. */
export const oldChatFeature = defineFeature({
  contract: oldChat,
  create: ({ rooms }) => ({
    handlers: {
      async "send-message"({ name, room }, { id, text }) {
        const message = { id, from: name, text, sentAt: Date.now() };
        await rooms.publish(room, "receive-message", message, { once: `${room}:${id}` });
        return {};
      },
    },
  }),
});
