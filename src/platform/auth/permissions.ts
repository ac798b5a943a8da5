import type { Action, User } from "./user.ts";

/**
 * Decides what a user may do with a document. Give your own to `createApp` to ask your database; it is asked
 * for every join and every event that is sent, so let it be quick.
 *
 * @param user undefined when the server runs without authentication.
 */
export type Authorize = (
  user: User | undefined,
  documentId: string,
  action: Action,
) => boolean | Promise<boolean>;

/** The default: by the token's `documents`. The most generous of the patterns that match counts. */
export const authorizeByClaims: Authorize = (user, documentId, action) => {
  if (!user || user.isService) return true;
  return Object.entries(user.documents).some(
    ([pattern, allowed]) => (action === "read" || allowed === "write") && matches(pattern, documentId),
  );
};

/** `*` stands for any characters, none among them. */
function matches(pattern: string, documentId: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return pattern === documentId;
  if (!documentId.startsWith(first) || !documentId.endsWith(last)) return false;
  // Not by a regular expression: many stars would make it slow, and the pattern is somebody's input.
  let at = first.length;
  const end = documentId.length - last.length;
  if (at > end) return false;
  for (const part of rest) {
    const found = documentId.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}
