import { find } from "../../../../src/web/dom.ts";
import type { Act } from "../../../../src/web/pane.ts";

/** Acts for both users, so that the one before the page has the hands free to break things. */
export function createAutopilot(
  acts: readonly Act[],
  { start, stop }: { start: string; stop: string },
): void {
  const button = find<HTMLButtonElement>("autopilot");
  const timers = new Set<ReturnType<typeof setTimeout>>();

  function repeat({ run, delayMs }: Act): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
      repeat({ run, delayMs });
    }, delayMs());
    timers.add(timer);
  }

  button.textContent = start;
  button.addEventListener("click", () => {
    const isOn = button.ariaPressed !== "true";
    button.ariaPressed = String(isOn);
    button.textContent = isOn ? stop : start;
    for (const timer of timers) clearTimeout(timer);
    timers.clear();
    for (const act of acts) act.rest?.();
    if (isOn) acts.forEach(repeat);
  });
}
