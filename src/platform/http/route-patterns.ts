import { splitRoutingPath } from "hono/utils/url";

/* Patterns of Hono's paths: `/polls/:id`, `/polls/:id{[0-9]+}`, `/polls/:id?`, `/polls/*`. */

/** Whether a request can fit both. Two patterns with regular expressions in one place are taken to overlap. */
export function overlap(one: string, other: string): boolean {
  return formsOf(one).some((a) => formsOf(other).some((b) => segmentsOverlap(a, b)));
}

/** Whether every request that fits `path` fits `wide`, which has no parameters. */
export function covers(wide: string, path: string): boolean {
  const [segments = []] = formsOf(wide);
  const isOpen = segments.at(-1) === "*";
  const fixed = isOpen ? segments.slice(0, -1) : segments;
  return formsOf(path).every(
    (form) =>
      (isOpen ? form.length >= fixed.length : form.length === fixed.length) &&
      fixed.every((segment, index) => segment === "*" || segment === form[index]),
  );
}

/** A pattern's segments; of one that ends with an optional parameter with it and without. */
function formsOf(pattern: string): string[][] {
  const segments = splitRoutingPath(pattern).filter((segment) => segment !== "");
  const last = segments.at(-1);
  if (!last?.startsWith(":") || !last.endsWith("?")) return [segments];
  return [segments.slice(0, -1), [...segments.slice(0, -1), last.slice(0, -1)]];
}

function segmentsOverlap([a, ...restOfA]: string[], [b, ...restOfB]: string[]): boolean {
  if ((isRest(a) && restOfA.length === 0) || (isRest(b) && restOfB.length === 0)) return true;
  if (a === undefined || b === undefined) return a === b;
  return segmentOverlaps(a, b) && segmentsOverlap(restOfA, restOfB);
}

/** At the end of a pattern: takes any number of segments. */
const isRest = (segment: string | undefined) =>
  segment === "*" || (segment !== undefined && /^:[^{]*\{.*[./].*\}$/.test(segment));

function segmentOverlaps(a: string, b: string): boolean {
  if (isOpen(a) && isOpen(b)) return true;
  if (isOpen(a)) return fits(a, b);
  return isOpen(b) ? fits(b, a) : a === b;
}

const isOpen = (segment: string) => segment === "*" || segment.startsWith(":");

function fits(open: string, text: string): boolean {
  const expression = /^:[^{]*\{(.*)\}$/.exec(open)?.[1];
  return expression === undefined || new RegExp(`^(?:${expression})$`).test(text);
}
