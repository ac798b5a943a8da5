import type { Once } from "../../limits/once.ts";
import type { Handlers } from "../pipeline.ts";
import { broadcastToRoom, documentRoom } from "../rooms.ts";
import type { TrimaranServer } from "../server.ts";

/** The chat of a document's members: an example of an ordered event to a room, delivered once. */
export function messageHandlers(io: TrimaranServer, once: Once): Pick<Handlers, "send-message"> {
  return {
    async "send-message"(socket, { documentId, id, text }) {
      // A client that saw no acknowledgement sends again; the id tells that it is the same message.
      const key = `${documentId}:${id}`;
      await once.do(key, async () => {
        const payload = { documentId, id, from: socket.data.name, text, sentAt: Date.now() };
        await broadcastToRoom(io, documentRoom(documentId), { event: "receive-message", payload, once: key });
      });
      return {};
    },
  };
}
