import { create, find } from "./dom.ts";

/** The server's rule, see platform/contract/room-id.ts. */
export function isRoomName(name: string): boolean {
  return /^[A-Za-z0-9._-]{1,128}$/.test(name);
}

/** "document" becomes "Documents", as titles have it. */
export function plural(noun: string): string {
  return `${noun.charAt(0).toUpperCase()}${noun.slice(1)}s`;
}

/**
 * The room that the address names; `/` is the welcome room's.
 *
 * @param noun what users call a room.
 * @returns undefined if no room can have that name; the page then says so.
 */
export function roomFromAddress(noun: string): string | undefined {
  if (location.pathname === "/") history.replaceState(null, "", "/d/welcome");
  const name = decoded(location.pathname.replace(/^\/d\//, ""));
  find("document-name").textContent = name;
  document.title = `${name} · Trimaran`;
  find("recent-summary").textContent = plural(noun);
  bindOpenForm();
  if (isRoomName(name)) return name;
  explain(name, noun);
  return undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // A stray % is no valid name either way.
    return part;
  }
}

function bindOpenForm(): void {
  const input = find<HTMLInputElement>("open-input");
  input.addEventListener("input", () => input.setCustomValidity(""));
  find("open-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = suggest(input.value);
    if (!name) {
      input.setCustomValidity("Use letters, digits, dots, dashes and underscores.");
      input.reportValidity();
      return;
    }
    location.assign(`/d/${name}`);
  });
}

/** "Meeting notes, May" becomes "Meeting-notes-May": people type titles, not identifiers. */
function suggest(title: string): string {
  const plain = title.normalize("NFKD").replace(/\p{Mark}/gu, "");
  return plain
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 128);
}

function explain(name: string, noun: string): void {
  const good = suggest(name) || "welcome";
  const box = create("div", "invalid-name");
  const link = create("a", "", good);
  link.href = `/d/${good}`;
  const advice = create("p", "", "Names have 1 to 128 letters, digits, dots, dashes and underscores. Try ");
  advice.append(link, ".");
  box.append(create("h2", "", `No ${noun} can have this name`), advice);
  document.querySelector("main")?.replaceChildren(box);
  find("status").hidden = true;
  find("share").hidden = true;
}
