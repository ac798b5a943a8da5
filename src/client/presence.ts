import {
  Awareness,
  applyAwarenessUpdate,
  encodeAwarenessUpdate,
  removeAwarenessStates,
} from "y-protocols/awareness";
import type { TrimaranClient } from "./connect.ts";

export interface PresenceOptions {
  socket: TrimaranClient;
  documentId: string;
  awareness: Awareness;
  /** Whether the server takes a presence of this client now. */
  maySend: () => boolean;
}

const everyMs = 50;

/** An awareness for a room without a Yjs document: y-protocols reads nothing of a document but its client id. */
export function createAwareness(): Awareness {
  const [clientID] = crypto.getRandomValues(new Uint32Array(1));
  const doc = { clientID, on: () => undefined };
  return new Awareness(doc as unknown as Awareness["doc"]);
}

/** Applied to the awareness by the server's word. */
const fromServer = Symbol("from server");

/** Binds an awareness to the presence of a room's members on the server. */
export function bindPresence({ socket, documentId, awareness, maySend }: PresenceOptions) {
  const ownId = awareness.clientID;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function onChange(
    { added, updated, removed }: Record<"added" | "updated" | "removed", number[]>,
    origin: unknown,
  ): void {
    // From the server only news of my own absence count: it is that of an earlier connection. The
    // awareness answers with a higher clock, which the others have to hear.
    const changed = origin === fromServer ? removed : [...added, ...updated, ...removed];
    if (changed.includes(ownId)) timer ??= setTimeout(send, everyMs);
  }

  function send(): void {
    clearTimeout(timer);
    timer = undefined;
    if (!maySend() || !awareness.meta.has(ownId)) return;
    // Never queued behind edits: the latest state goes out when the connection takes it.
    if (!socket.io.engine?.transport?.writable) {
      timer = setTimeout(send, everyMs);
      return;
    }
    const update = encodeAwarenessUpdate(awareness, [ownId]);
    socket.volatile.emit("send-presence", { documentId, update });
  }

  function onRemote(presence: { documentId: string; update: Uint8Array }): void {
    if (presence.documentId !== documentId) return;
    try {
      applyAwarenessUpdate(awareness, new Uint8Array(presence.update), fromServer);
    } catch {
      // Others' states are of any shape; one nested deep enough is more than y-protocols can compare.
    }
  }

  awareness.on("update", onChange);
  socket.on("receive-presence", onRemote);

  return {
    /**
     * Sends who I am to a server that gave an earlier connection up, with a clock one ahead of what it had last:
     * only a state two ahead is news to it and to the others.
     */
    renew(): void {
      const state = awareness.getLocalState();
      if (state !== null) {
        awareness.setLocalState(state);
        awareness.setLocalState(state);
      }
      send();
    },

    /** Where the others are is not known without a connection. */
    forgetOthers(): void {
      const others = [...awareness.getStates().keys()].filter((id) => id !== ownId);
      removeAwarenessStates(awareness, others, fromServer);
    },

    /** Tells the others that I leave, if there is a connection. */
    destroy(): void {
      removeAwarenessStates(awareness, [ownId], "destroyed");
      send();
      clearTimeout(timer);
      awareness.off("update", onChange);
      socket.off("receive-presence", onRemote);
    },
  };
}
