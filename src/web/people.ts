import type { Awareness } from "y-protocols/awareness";
import { create, find } from "./dom.ts";
import { type Identity, cleanName, saveIdentity } from "./identity.ts";
import { findOwnTabs } from "./own-tabs.ts";
import type { Page } from "./part.ts";

/** The users in the room, and the field with this user's name. */
export function bindPeople(
  { socket, userId }: Page,
  awareness: Awareness,
  me: Identity,
  onName: (name: string) => void,
): void {
  awareness.setLocalStateField("user", me);
  const show = () => showPeople(awareness, isOwnTab);
  const isOwnTab = findOwnTabs(userId, awareness.clientID, show);
  awareness.on("change", show);
  show();
  bindName((name) => {
    const identity = { ...me, name };
    saveIdentity(identity);
    awareness.setLocalStateField("user", identity);
    onName(name);
    // The server takes the chat's name from the handshake, so the new name needs a new one.
    socket.disconnect().connect();
  }, me.name);
}

function showPeople(awareness: Awareness, isOwnTab: (clientId: number) => boolean): void {
  const labelOf = (clientId: number) => {
    if (clientId === awareness.clientID) return "you";
    return isOwnTab(clientId) ? "you, in another tab" : undefined;
  };
  const people = [...awareness.getStates()]
    .map(([clientId, state]) => ({ ...readUser(state), label: labelOf(clientId), clientId }))
    // This tab first, then by name: the list must not change its order as cursors move.
    .sort(
      (a, b) =>
        Number(b.label === "you") - Number(a.label === "you") ||
        a.name.localeCompare(b.name) ||
        a.clientId - b.clientId,
    );
  find("people-count").textContent = String(people.length);
  find("people").replaceChildren(...people.map(personItem));
}

function personItem({ name, color, label }: Identity & { label: string | undefined }): HTMLLIElement {
  const item = create("li", "person");
  const badge = create("span", "badge", initials(name));
  badge.style.backgroundColor = color;
  badge.ariaHidden = "true";
  item.append(badge, create("span", "person-name", name));
  if (label !== undefined) item.append(create("span", "you", label));
  return item;
}

/** Any client can send any presence, so nothing of its shape is taken for granted. */
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
