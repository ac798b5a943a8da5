import { pick, randomName } from "./random-name.ts";

export interface Identity {
  name: string;
  /** As `#rrggbb`. */
  color: string;
}

/** Dark enough for white text on them, light enough to be seen on a dark page. */
const colors = [
  "#c2410c",
  "#b45309",
  "#4d7c0f",
  "#047857",
  "#0e7490",
  "#1d6fd1",
  "#6d5bd0",
  "#a23ab8",
  "#c72c6c",
  "#b4453f",
];

const key = "trimaran:me";

/** Who I was last time in this browser, or somebody new. */
export function loadIdentity(): Identity {
  const stored = read();
  const name = typeof stored["name"] === "string" ? cleanName(stored["name"]) : "";
  const color =
    typeof stored["color"] === "string" && colors.includes(stored["color"]) ? stored["color"] : pick(colors);
  const identity = { name: name || randomName(), color };
  saveIdentity(identity);
  return identity;
}

export function saveIdentity(identity: Identity): void {
  try {
    localStorage.setItem(key, JSON.stringify(identity));
  } catch {
    // Storage may be switched off: the name then lasts as long as the page.
  }
}

export function cleanName(name: string): string {
  // Cut first: others' names come from anyone, of any length.
  return name.slice(0, 400).replace(/\s+/g, " ").trim().slice(0, 40);
}

function read(): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? "{}");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
