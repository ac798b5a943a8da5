import type { PartState, PartView } from "./contract.ts";
import type { Journal } from "./journal.ts";

/** A part that was paused needs a moment to respond again: shorter silences are not written down. */
const silentMs = 1500;

/** Writes changes of state and mode to the journal. @returns what to call with each new view of a part. */
export function createNews(journal: Journal): (view: PartView) => void {
  const shown = new Map<
    string,
    { state: PartState; mode?: string | undefined; since: number; isSilent: boolean }
  >();

  return ({ part, label, kind, state, replica }) => {
    const before = shown.get(part);
    const mode = replica?.mode ?? before?.mode;
    const at = performance.now();
    const isSame = before?.state === state;
    const since = isSame ? before.since : at;
    const seconds = ((at - (before?.since ?? at)) / 1000).toFixed(1);
    const isSilent = state === "silent" && at - since > silentMs;
    if (isSilent && !before?.isSilent) journal.add(`${label} does not answer`, "bad");
    if (before?.isSilent && state === "serving")
      journal.add(`${label} answers again after ${seconds} s`, "good");
    if (before && !isSame && state === "draining" && kind === "replica")
      journal.add(`${label} drains: nobody new is sent to it`);
    shown.set(part, { state, mode, since, isSilent });
    if (kind === "replica" && before?.mode && mode !== before.mode)
      journal.add(`${label} is in ${mode} mode`, mode === "degraded" ? "bad" : "good");
  };
}
