import type { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";
import { readUser } from "../../../web/people.ts";

/** The editor's text is the document's type of this name. */
export const textName = "content";

interface Cursor {
  anchor: object;
  head: object;
}

/**
 * Presence as the editor's binding may have it. Anyone can send any, and the binding takes names, colours and
 * cursors as they come.
 */
export function safePresence(awareness: Awareness, text: Y.Text): Awareness {
  return Object.assign(Object.create(awareness) as Awareness, {
    getStates: () =>
      new Map(
        [...awareness.getStates()].map(([clientId, state]) => [
          clientId,
          { user: readUser(state), cursor: cursorIn(text, state) },
        ]),
      ),
  });
}

/** @returns undefined unless both its ends are in this text. */
function cursorIn(text: Y.Text, state: Record<string, unknown>): Cursor | undefined {
  const cursor = state["cursor"] as Cursor | null | undefined;
  if (typeof cursor !== "object" || cursor === null) return undefined;
  const isInside = [cursor.anchor, cursor.head].every((end) => isPositionIn(text, end));
  return isInside ? cursor : undefined;
}

function isPositionIn(text: Y.Text, end: unknown): boolean {
  const { doc } = text;
  if (!doc || typeof end !== "object" || end === null) return false;
  try {
    const position = Y.createRelativePositionFromJSON(end);
    // Looking for a type by another name would make it.
    if (position.tname !== null && position.tname !== textName) return false;
    return Y.createAbsolutePositionFromRelativePosition(position, doc)?.type === text;
  } catch {
    // An id that is none.
    return false;
  }
}
