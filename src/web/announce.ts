import { find } from "./dom.ts";

const settleMs = 700;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Tells screen readers, once things have settled: "Saving… Saved" at every key would drown the text. */
export function announce(text: string): void {
  clearTimeout(timer);
  timer = setTimeout(() => (find("announcer").textContent = text), settleMs);
}
