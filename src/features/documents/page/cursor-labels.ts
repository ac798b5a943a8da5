import type cursorsPackage from "quill-cursors/core";
import type { Awareness } from "y-protocols/awareness";
import { readUser } from "../../../web/people.ts";

export type Cursors = InstanceType<typeof cursorsPackage.default>;

const shownMs = 2500;

interface Changes {
  added: number[];
  updated: number[];
  removed: number[];
}

/** Shows a name beside its cursor while the cursor moves; between times it needs a pointer over it. */
export function createCursorLabels(awareness: Awareness, cursors: Cursors): void {
  const hideTimers = new Map<number, ReturnType<typeof setTimeout>>();
  const drawn = new Map<number, string>();

  awareness.on("change", ({ added, updated, removed }: Changes) => {
    for (const clientId of [...added, ...updated]) {
      if (clientId === awareness.clientID) continue;
      const { name, color } = readUser(awareness.getStates().get(clientId) ?? {});
      const look = name + color;
      // A cursor keeps the name it was made with: a renamed one is made anew.
      if (drawn.get(clientId) !== look) cursors.removeCursor(String(clientId));
      drawn.set(clientId, look);
      // Listeners after this one make and move the cursor.
      queueMicrotask(() => show(clientId));
    }
    for (const clientId of removed) {
      clearTimeout(hideTimers.get(clientId));
      hideTimers.delete(clientId);
      drawn.delete(clientId);
    }
  });

  function show(clientId: number): void {
    cursors.toggleFlag(String(clientId), true);
    clearTimeout(hideTimers.get(clientId));
    hideTimers.set(
      clientId,
      setTimeout(() => cursors.toggleFlag(String(clientId), false), shownMs),
    );
  }
}
