import { waitFor } from "../../deploy/local/process.ts";
import { type TrimaranClient, connect } from "../../src/client/index.ts";
import type { talk } from "../support/talk/contract.ts";
import type { History } from "./history.ts";
import { markJoined, record } from "./record.ts";
import { patienceMs } from "./scenario.ts";

export interface CrowdOptions {
  url: string;
  documentId: string;
  history: History;
  count: number;
}

type Client = TrimaranClient<typeof talk>;

const joinedTogether = 50;
const retryMs = 1000;

/**
 * Many who only listen: members like all others to the checker, but light. All of them have one address, as the people
 * of an office have.
 */
export async function createCrowd({ url, documentId, history, count }: CrowdOptions) {
  const sockets: Client[] = [];
  const joined = new Set<Client>();
  for (let index = 0; index < count; index += 1) {
    const name = `listener${index}`;
    const socket = connect<typeof talk>(url, { forceNew: true, transports: ["websocket"], name });
    const seen = record(socket, name, documentId, history);
    socket.on("connect", () => join(socket, () => markJoined(seen)));
    socket.on("disconnect", () => joined.delete(socket));
    sockets.push(socket);
    if (index % joinedTogether === joinedTogether - 1) await allJoined();
  }
  await allJoined();

  function join(socket: Client, onJoined: () => void): void {
    if (!socket.connected) return;
    socket
      .timeout(5000)
      .emitWithAck("join-document", { documentId })
      .then((reply) => {
        // As the shipped client does: some refusals pass with time.
        if (!reply.ok)
          return void setTimeout(() => join(socket, onJoined), reply.error.retryAfterMs ?? retryMs);
        joined.add(socket);
        onJoined();
      })
      // One more try; a client that is gone meanwhile comes by here again when it connects.
      .catch(() => join(socket, onJoined));
  }

  function allJoined(): Promise<unknown> {
    return waitFor("the crowd is in", () => joined.size === sockets.length, patienceMs);
  }

  return {
    /** Breaks all connections at once. */
    breakAll(): void {
      joined.clear();
      for (const socket of sockets) socket.io.engine.close();
    },
    isIn: () => joined.size === sockets.length,
    close(): void {
      for (const socket of sockets) socket.disconnect();
    },
  };
}
