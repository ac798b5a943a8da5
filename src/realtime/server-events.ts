import { checkUpdate } from "../documents/updates.ts";
import { serverEvents } from "./events.ts";

/** Of Socket.IO's Admin UI, where that is on. What it answers one socket goes through the stream, too. */
export const adminNamespace = "/admin";
const adminEvents = new Set(["server_stats", "session", "config"]);

type Fields = Record<string, unknown>;

/**
 * Whether clients may be sent this event, which came from another replica: of another version, perhaps. By hand,
 * as it is done for every message (0.05 us, with a small update 0.4 us).
 */
export function isServerEvent(event: string, payload: unknown, namespace = "/"): boolean {
  if (namespace === adminNamespace) return adminEvents.has(event);
  if (!Object.hasOwn(serverEvents, event) || typeof payload !== "object" || payload === null) return false;
  const { documentId, update, id, from, text, sentAt } = payload as Fields;
  switch (event) {
    case "receive-changes":
      return typeof documentId === "string" && update instanceof Uint8Array && isUpdate(update);
    case "receive-presence":
      return typeof documentId === "string" && update instanceof Uint8Array;
    case "receive-message":
      return (
        typeof documentId === "string" &&
        typeof id === "string" &&
        typeof from === "string" &&
        typeof text === "string" &&
        Number.isFinite(sentAt)
      );
    default:
      return true;
  }
}

/** One that is none would break the document for all who open it here. */
function isUpdate(update: Uint8Array): boolean {
  try {
    checkUpdate(update);
    return true;
  } catch {
    return false;
  }
}
