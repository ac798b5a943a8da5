import { StartupError } from "./errors.ts";

/**
 * What may belong to one feature alone. The function that is returned notes who owns a name.
 *
 * @param problem in words, when a name has an owner already.
 * @throws {StartupError} with them.
 */
export function createOwnership(problem: (name: string, owner: string, another: string) => string) {
  const owners = new Map<string, string>();
  return (name: string, owner: string): void => {
    const other = owners.get(name);
    if (other !== undefined) throw new StartupError(problem(name, other, owner));
    owners.set(name, owner);
  };
}
