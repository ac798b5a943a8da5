import { announce } from "./announce.ts";
import { create, find } from "./dom.ts";
import type { Page } from "./part.ts";
import { isRoomName, plural } from "./room-name.ts";

/** So many rooms are listed; opening one more forgets the one that was not opened for longest. */
const maxRecent = 200;

/** The rooms that this user opened in this browser, the latest first. @param forget deletes what is kept of a room on this device. */
export function bindRecent(
  { userId, room: current, noun }: Page,
  forget: (room: string) => Promise<unknown>,
): void {
  const key = `trimaran:recent:${userId}`;
  const menu = find<HTMLDetailsElement>("recent");
  const list = find("recent-list");
  list.ariaLabel = `${plural(noun)} opened on this device`;
  const all = [current, ...read(key).filter((id) => id !== current)];
  write(key, all.slice(0, maxRecent));
  for (const id of all.slice(maxRecent)) void forget(id);

  function show(): void {
    list.replaceChildren(...read(key).map(item));
  }

  function item(id: string): HTMLLIElement {
    const entry = create("li", "recent-item");
    const link = create("a", "", id);
    link.href = `/d/${id}`;
    if (id === current) link.ariaCurrent = "page";
    const remove = create("button", "plain", "Forget");
    remove.type = "button";
    remove.ariaLabel = `Forget ${id} on this device`;
    // The one that is open is still being kept.
    remove.hidden = id === current;
    remove.addEventListener("click", () => {
      write(
        key,
        read(key).filter((other) => other !== id),
      );
      void forget(id);
      show();
      announce(`${id} is forgotten on this device`);
      find("recent-summary").focus();
    });
    entry.append(link, remove);
    return entry;
  }

  menu.addEventListener("toggle", show);
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    find("recent-summary").focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (menu.open && !menu.contains(event.target as Node)) menu.open = false;
  });
  show();
}

function read(key: string): string[] {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(value) ? value.filter((id) => typeof id === "string" && isRoomName(id)) : [];
  } catch {
    return [];
  }
}

function write(key: string, ids: string[]): void {
  try {
    localStorage.setItem(key, JSON.stringify(ids));
  } catch {
    // Storage may be switched off: the list then has what is open.
  }
}
