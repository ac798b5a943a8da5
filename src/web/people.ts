import type { Awareness } from "y-protocols/awareness";
import type { TrimaranClient } from "../client/index.ts";
import { create, find } from "./dom.ts";
import { type Identity, cleanName, saveIdentity } from "./identity.ts";

/** Who is here, and the field with my own name. */
export function bindPeople(
  awareness: Awareness,
  socket: TrimaranClient,
  me: Identity,
  onName: (name: string) => void,
): void {
  awareness.setLocalStateField("user", me);
  awareness.on("change", () => showPeople(awareness));
  showPeople(awareness);
  bindName((name) => {
    const identity = { ...me, name };
    saveIdentity(identity);
    awareness.setLocalStateField("user", identity);
    onName(name);
    // The server takes the chat's name from the handshake, so the new name needs a new one.
    socket.disconnect().connect();
  }, me.name);
}

function showPeople(awareness: Awareness): void {
  const people = [...awareness.getStates()]
    .map(([clientId, state]) => ({ ...readUser(state), isMe: clientId === awareness.clientID, clientId }))
    // Me first, then by name: the list must not jump about as cursors move.
    .sort(
      (a, b) => Number(b.isMe) - Number(a.isMe) || a.name.localeCompare(b.name) || a.clientId - b.clientId,
    );
  find("people-count").textContent = String(people.length);
  find("people").replaceChildren(...people.map(personItem));
}

function personItem({ name, color, isMe }: Identity & { isMe: boolean }): HTMLLIElement {
  const item = create("li", "person");
  const badge = create("span", "badge", initials(name));
  badge.style.backgroundColor = color;
  badge.ariaHidden = "true";
  item.append(badge, create("span", "person-name", name));
  if (isMe) item.append(create("span", "you", "you"));
  return item;
}

/** Anyone can send any presence, so that nothing of its shape is taken for granted. */
export function readUser(state: Record<string, unknown>): Identity {
  const user = state["user"];
  const { name, color } = typeof user === "object" && user !== null ? (user as Record<string, unknown>) : {};
  return {
    name: (typeof name === "string" && cleanName(name)) || "Someone",
    color: typeof color === "string" && /^#[0-9a-f]{6}$/i.test(color) ? color : "#64748b",
  };
}

function initials(name: string): string {
  return name
    .split(" ")
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();
}

function bindName(onChange: (name: string) => void, initial: string): void {
  const input = find<HTMLInputElement>("name-input");
  let current = initial;
  input.value = initial;
  input.addEventListener("change", () => {
    const name = cleanName(input.value) || current;
    input.value = name;
    if (name === current) return;
    current = name;
    onChange(name);
  });
  find("name-form").addEventListener("submit", (event) => {
    event.preventDefault();
    // Leaving the field is what takes the name over.
    input.blur();
  });
}
