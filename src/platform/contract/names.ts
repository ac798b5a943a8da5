import { StartupError } from "../util/errors.ts";

/** The namespace of Socket.IO's Admin UI. */
export const adminNamespace = "/admin";

/** Events that Socket.IO or an EventEmitter sends by itself: listeners of these would take an app's for those. */
const reserved: ReadonlySet<string> = new Set([
  "connect",
  "connect_error",
  "connection",
  "disconnect",
  "disconnecting",
  "error",
  "newListener",
  "removeListener",
]);

/** What every object has, such as `constructor`: a lookup by such a name finds what is no feature's. */
const isInherited = (name: string) => name in Object.prototype;

/** @throws {StartupError} for a name that can't be a key of the settings, or stand in a log. */
export function checkFeatureName(name: string): void {
  if (!/^[A-Za-z][A-Za-z0-9._-]*$/.test(name) || isInherited(name))
    throw new StartupError(
      `Feature ${JSON.stringify(name)}: expected a name of A-Za-z0-9._- that begins with a letter, and is not "constructor" or another that every object has.`,
    );
}

/** @param what with the feature: "Feature chat: event". @throws {StartupError} for a name that can't be sent or described. */
export function checkEventName(what: string, name: string): void {
  if (reserved.has(name))
    throw new StartupError(`${what} "${name}": Socket.IO reserves this name; rename it.`);
  // The name stands in references of AsyncAPI and in links of the page at /docs.
  if (!/^[A-Za-z][A-Za-z0-9_-]*$/.test(name) || isInherited(name))
    throw new StartupError(
      `${what} ${JSON.stringify(name)}: expected a name of A-Za-z0-9_- that begins with a letter, and is not "constructor" or another that every object has.`,
    );
}

/** @throws {StartupError} for a field that an object can't have besides what every object has. */
export function checkFieldName(what: string, name: string): void {
  if (isInherited(name)) throw new StartupError(`${what} has a field "${name}": rename it.`);
}

/** @throws {StartupError} for what Socket.IO would take for another namespace, or what is not an app's. */
export function checkNamespace(feature: string, namespace: string): void {
  if (namespace === adminNamespace)
    throw new StartupError(
      `Feature ${feature}: the namespace ${adminNamespace} is the Admin UI's; name another.`,
    );
  if (namespace !== "/" && !/^\/[A-Za-z][A-Za-z0-9_-]*$/.test(namespace))
    throw new StartupError(
      `Feature ${feature}: expected a namespace such as "/lobby", a slash and A-Za-z0-9_-, not ${JSON.stringify(namespace)}; leave it out for "/".`,
    );
}

/** The one of `names` that takes the fewest changes of a character to become `name`. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const distances = names.map((each) => ({ each, distance: distanceOf(name, each) }));
  return distances.toSorted((a, b) => a.distance - b.distance)[0]?.each;
}

/** Levenshtein's distance. */
function distanceOf(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= other.length; column++) {
      const [insertion = 0, deletion = 0] = [next[column - 1], row[column]];
      const replacement = (row[column - 1] ?? 0) + (letter === other[column - 1] ? 0 : 1);
      next.push(Math.min(insertion + 1, deletion + 1, replacement));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
