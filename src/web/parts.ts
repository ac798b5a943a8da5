import { banner } from "./banners.ts";
import type { PagePart } from "./part.ts";

/** A part of the page, and the feature that it is of. */
export interface NamedPart {
  feature: string;
  part: PagePart;
}

const problems = new Set<string>();

/** Shows that something of the page does not work, and goes on with the rest. */
export function showProblem(problem: string, error?: unknown): void {
  if (error !== undefined) reportError(error);
  banner("part", [...problems.add(problem)].join(" "));
}

/** What a feature's part does, which may fail. */
export function attempt<T>(feature: string, what: string, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    showProblem(`The part of the feature "${feature}" failed (${what}).`, error);
    return undefined;
  }
}

/** The part that does what one of a page can; shows which, when several do. */
export function only(parts: readonly NamedPart[], what: "join" | "noun"): NamedPart | undefined {
  const having = parts.filter(({ part }) => part[what] !== undefined);
  const [first] = having;
  if (first && having.length > 1) {
    const features = having.map(({ feature }) => `"${feature}"`).join(" and ");
    showProblem(`The features ${features} all bring a ${what}: that of "${first.feature}" counts.`);
  }
  return first;
}
