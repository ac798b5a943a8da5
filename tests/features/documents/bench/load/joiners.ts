import * as Y from "yjs";
import { serveCommands } from "../../../../support/commands.ts";
import { percentile } from "../../../../bench/figures.ts";
import { addressOf } from "./address.ts";
import { type Joined, type Joiner, openHocuspocusJoiner, openTrimaranJoiner } from "./joiner.ts";

/* Many who join one large document at the same time. */

const openers = { Trimaran: openTrimaranJoiner, Hocuspocus: openHocuspocusJoiner };

export interface Joiners {
  server: keyof typeof openers;
  port: number;
  count: number;
}

export interface Storm {
  documentId: string;
  /** Of the document's text. */
  characters: number;
  withinMs: number;
}

export interface Stormed {
  medianMs: number;
  lastMs: number;
  /** Those who did not get the document. */
  failed: number;
  /** Why, if any did. */
  reason: string | undefined;
}

const openedTogether = 100;
/** So many look into what they got; the others are sent the same number of bytes, and count them. */
const samples = 3;
const countedOnly = 4096;

const joiners: Joiner[] = [];

serveCommands({
  async open({ server, port, count }: Joiners) {
    while (joiners.length < count) {
      const from = joiners.length;
      const size = Math.min(openedTogether, count - from);
      const opened = Array.from({ length: size }, (_, offset) =>
        openers[server](port, from + offset < samples ? Infinity : countedOnly, addressOf(from + offset)),
      );
      joiners.push(...(await Promise.all(opened)));
    }
  },

  /** All join in one turn. */
  async storm({ documentId, characters, withinMs }: Storm): Promise<Stormed> {
    const startedAt = performance.now();
    const timesMs: number[] = [];
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`not within ${withinMs} ms`)), withinMs);
    });
    const joins = await Promise.allSettled(
      joiners.map(async (joiner) => {
        const joined = await Promise.race([joiner.join(documentId), late]);
        timesMs.push(performance.now() - startedAt);
        return joined;
      }),
    );
    const joined = joins.flatMap((join) => (join.status === "fulfilled" ? join.value : []));
    check(joins, characters);
    const failure = joins.find((join) => join.status === "rejected");
    return {
      medianMs: percentile(timesMs, 0.5),
      lastMs: timesMs.at(-1) ?? NaN,
      failed: joiners.length - joined.length,
      reason: failure && String(failure.reason),
    };
  },

  close() {
    for (const joiner of joiners.splice(0)) joiner.close();
  },
});

/** @throws {Error} when somebody was sent less than the whole document. */
function check(joins: readonly PromiseSettledResult<Joined>[], characters: number): void {
  const sizes = new Set<number>();
  for (const [index, join] of joins.entries()) {
    if (join.status === "rejected") continue;
    sizes.add(join.value.messageBytes);
    if (index >= samples) continue;
    const doc = new Y.Doc();
    Y.applyUpdate(doc, join.value.update);
    const { length } = doc.getText("content");
    if (length !== characters) throw new Error(`got a text of ${length}, expected ${characters}`);
  }
  if (sizes.size > 1) throw new Error(`got ${[...sizes].join(", ")} bytes, expected the same for all`);
}
