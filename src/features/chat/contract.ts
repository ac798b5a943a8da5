import * as v from "valibot";
import { defineContract } from "../../platform/contract/define.ts";
import { wellFormed } from "../../platform/contract/values.ts";

const messageId = v.pipe(v.string(), v.minLength(1), v.maxLength(64), wellFormed);
const text = v.pipe(v.string(), v.minLength(1), v.maxLength(4000), wellFormed);

/** Messages of a room's members. */
export const chat = defineContract("chat", {
  events: {
    "send-message": {
      summary: "Says something to all members. `id` is the client's: a repeated one is delivered once.",
      payload: { id: messageId, text },
      reply: {},
      room: "joined",
      needs: "write",
    },
  },
  pushes: {
    "receive-message": {
      summary:
        "A member said something; the sender gets it, too. In one order everywhere, and after a short absence.",
      payload: {
        id: messageId,
        from: v.string(),
        text,
        /** Milliseconds since 1970, by the clock of the replica that took the message. */
        sentAt: v.optional(v.number(), () => Date.now()),
      },
      room: true,
      recover: true,
      backends: true,
    },
  },
});
