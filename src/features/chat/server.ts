import { defineFeature } from "../../platform/feature.ts";
import { chat } from "./contract.ts";

/** The chat of a room's members: an example of an ordered push to a room, delivered once. */
export const chatFeature = defineFeature({
  contract: chat,
  page: new URL("./page/index.ts", import.meta.url),
  create: ({ rooms }) => ({
    handlers: {
      async "send-message"({ name, room }, { id, text }) {
        const message = { id, from: name, text, sentAt: Date.now() };
        // A client that saw no acknowledgement sends again; the id tells that it is the same message.
        await rooms.publish(room, "receive-message", message, { once: `${room}:${id}` });
        return {};
      },
    },
  }),
});
