import { createAwareness, joinRoom } from "../../../../src/client/index.ts";
import { create } from "../../../../src/web/dom.ts";
import type { Act, JoiningPane, PaneJoining, PaneUser } from "../../../../src/web/pane.ts";
import { readUser } from "../../../../src/web/people.ts";

interface Pointer {
  x: number;
  y: number;
  /** Counts the positions of a user. */
  count: number;
}

const everyMs = 150;

/** For an app of which no feature joins by itself: presence. Each user's board shows where the others point. */
export function createBoard(): JoiningPane {
  const users: { awareness: PaneJoining["awareness"]; point: Act["run"]; pointed: () => number }[] = [];

  function join({ name, socket, room, body }: PaneUser): PaneJoining {
    const awareness = createAwareness();
    const member = joinRoom(socket, room, { awareness });
    const board = create("div", "board");
    board.dataset["testid"] = `board-${name}`;
    board.role = "img";
    board.ariaLabel = `Where the others point, as ${name} sees it`;
    board.dataset["hint"] = `Move the pointer here as ${name}.`;
    body.append(board);
    let count = 0;
    const pointTo = (x: number, y: number) => {
      count += 1;
      awareness.setLocalStateField("pointer", { x, y, count });
    };
    board.addEventListener("pointermove", ({ clientX, clientY }) => {
      const { left, top, width, height } = board.getBoundingClientRect();
      pointTo((clientX - left) / width, (clientY - top) / height);
    });
    awareness.on("change", () => board.replaceChildren(...pointersOf(awareness)));
    const phase = users.length * 2;
    const point = () => {
      const angle = phase + count / 12;
      pointTo(0.5 + 0.4 * Math.cos(angle), 0.5 + 0.35 * Math.sin(angle * 2));
    };
    users.push({ awareness, point, pointed: () => count });
    const status = () =>
      member.synced
        ? { text: "in the room", kind: "good" as const }
        : { text: "joins again by itself", kind: "bad" as const };
    return { member, awareness, status };
  }

  return {
    join,
    words: {
      hint: "Move the pointer over either board, or let the page move it.",
      start: "Move for me",
      stop: "Stop moving",
    },
    acts: () => users.map(({ point }) => ({ run: point, delayMs: () => everyMs })),
    // Presence is not acknowledged, and only the latest position counts, so nothing can be called lost.
    proof() {
      const moves = users.reduce((sum, { pointed }) => sum + pointed(), 0);
      const isSeen = users.every(({ awareness: { clientID }, pointed }) =>
        users.every(({ awareness }) => {
          const count = readPointer(awareness.getStates().get(clientID))?.count;
          return count === pointed() || pointed() === 0;
        }),
      );
      return {
        kind: isSeen ? "good" : "busy",
        done: moves === 0 ? "" : `${moves} positions`,
        state: isSeen ? "each user sees the latest one of the other" : "the latest one is on its way",
      };
    },
  };
}

/** Any client can send any presence: nothing of its shape is taken for granted. */
function readPointer(state: Record<string, unknown> | undefined): Pointer | undefined {
  const { x, y, count } = (state?.["pointer"] ?? {}) as Record<string, unknown>;
  const isInside = [x, y].every((part) => typeof part === "number" && part >= 0 && part <= 1);
  return isInside && typeof count === "number" ? ({ x, y, count } as Pointer) : undefined;
}

function pointersOf(awareness: PaneJoining["awareness"]): HTMLElement[] {
  return [...awareness.getStates()].flatMap(([clientId, state]) => {
    const pointer = readPointer(state);
    if (!pointer || clientId === awareness.clientID) return [];
    const { name, color } = readUser(state);
    const element = create("span", "pointer", name);
    element.style.left = `${pointer.x * 100}%`;
    element.style.top = `${pointer.y * 100}%`;
    element.style.backgroundColor = color;
    return [element];
  });
}
