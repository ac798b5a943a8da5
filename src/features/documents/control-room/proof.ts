import * as Y from "yjs";

/** What of one's edits the other's document does not have yet, in Yjs' units: characters, as far as text goes. */
export function lacking(from: Y.Doc, by: Y.Doc): number {
  const has = Y.decodeStateVector(Y.encodeStateVector(by));
  let count = 0;
  for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(from)))
    count += Math.max(0, clock - (has.get(client) ?? 0));
  return count;
}

export interface Side {
  doc: Y.Doc;
  text: Y.Text;
  typed: { inserted: number };
  /** In sync with a server that has everything. */
  isSettled: boolean;
  /** Whether its replica works without Redis: the other's gets nothing until it is back. */
  isDegraded: boolean;
}

export interface Verdict {
  kind: "good" | "busy" | "bad";
  typed: number;
  onTheWay: number;
  lost: number;
}

/** How long both may say that all is saved while they still differ, until what is missing counts as lost. */
export const graceMs = 10_000;

/** Compares two people's documents again and again, and tells what is on its way from what is lost. */
export function createProof(now: () => number = () => performance.now()) {
  let differsSince: number | undefined;

  return ([one, two]: readonly [Side, Side]): Verdict => {
    const typed = one.typed.inserted + two.typed.inserted;
    const missing = lacking(one.doc, two.doc) + lacking(two.doc, one.doc);
    const isEqual = missing === 0 && one.text.toString() === two.text.toString();
    const isSettled = one.isSettled && two.isSettled && !one.isDegraded && !two.isDegraded;
    if (isEqual || !isSettled) differsSince = undefined;
    else differsSince ??= now();
    const isLost = differsSince !== undefined && now() - differsSince > graceMs;
    // Texts that differ although each has all of the other's edits: at least one character.
    const count = missing || Number(!isEqual);
    return {
      typed,
      onTheWay: isLost ? 0 : count,
      lost: isLost ? count : 0,
      kind: isLost ? "bad" : isEqual && isSettled ? "good" : "busy",
    };
  };
}
