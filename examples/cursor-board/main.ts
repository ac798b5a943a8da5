// The cursor of every visitor: presence in a room, and nothing is stored.
import { connect, createAwareness, joinRoom } from "trimaran/client";

/** The server's address; run.ts puts it in. */
declare const SERVER: string;

const colors = ["#0e7490", "#b45309", "#be123c", "#6d28d9"];
const number = Math.ceil(Math.random() * 99);
/** Who this page's visitor is. Your product knows better. */
const me = { name: `Visitor ${number}`, color: colors[number % colors.length] };

const awareness = createAwareness();
awareness.setLocalStateField("user", me);
const room = joinRoom(connect(SERVER, { name: me.name }), "example-cursors", { awareness });

const status = document.querySelector("#status");
const texts = { connecting: "Connecting…", offline: "Offline", synced: `Connected as ${me.name}` };
room.on("state", () => {
  if (status) status.textContent = texts[room.state.status];
});

const board = document.querySelector<HTMLElement>("#board");
if (!board) throw new Error("no #board");
board.addEventListener("pointermove", (event) => {
  const { left, top, width, height } = board.getBoundingClientRect();
  // As shares of the board: windows differ.
  awareness.setLocalStateField("cursor", {
    x: (event.clientX - left) / width,
    y: (event.clientY - top) / height,
  });
});
board.addEventListener("pointerleave", () => awareness.setLocalStateField("cursor", null));

/** Any client can send any presence: nothing of its shape is taken for granted. */
function readState(state: Record<string, unknown>) {
  const { user, cursor } = state as {
    user?: Record<string, unknown>;
    cursor?: Record<string, unknown> | null;
  };
  const [x, y] = [Number(cursor?.["x"]), Number(cursor?.["y"])];
  const color = String(user?.["color"]);
  return {
    isShown: typeof cursor === "object" && cursor !== null && x >= 0 && x <= 1 && y >= 0 && y <= 1,
    name: String(user?.["name"] ?? "Someone").slice(0, 40),
    color: /^#[0-9a-f]{6}$/.test(color) ? color : "#475569",
    x,
    y,
  };
}

awareness.on("change", () => {
  const cursors = [...awareness.getStates()]
    .filter(([id]) => id !== awareness.clientID)
    .map(([, state]) => readState(state))
    .filter(({ isShown }) => isShown)
    .map(({ name, color, x, y }) => {
      const cursor = document.createElement("div");
      cursor.className = "cursor";
      cursor.textContent = name;
      cursor.style.cssText = `left: ${x * 100}%; top: ${y * 100}%; background: ${color}`;
      return cursor;
    });
  board.replaceChildren(...cursors);
});
