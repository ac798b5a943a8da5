import type { Once } from "../../limits/once.ts";
import type { Handlers } from "../pipeline.ts";
import { documentRoom } from "../rooms.ts";
import type { TrimaranServer } from "../server.ts";

/** The chat of a document's members: an example of an ordered event to a room, sent at most once. */
export function messageHandlers(io: TrimaranServer, once: Once): Pick<Handlers, "send-message"> {
  return {
    async "send-message"(socket, { documentId, id, text }) {
      // A client that saw no acknowledgement sends again; the id tells that it is the same message.
      if (!(await once.claim(`${documentId}:${id}`))) return {};
      const message = { documentId, id, from: socket.data.name, text, sentAt: Date.now() };
      io.to(documentRoom(documentId)).emit("receive-message", message);
      return {};
    },
  };
}
