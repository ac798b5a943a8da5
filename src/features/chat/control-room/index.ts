import type { CreatePane, PaneUser, Proof } from "../../../web/pane.ts";
import type { Membership } from "../../../web/part.ts";
import { createOutbox } from "../client/index.ts";

const everyMs = 1500;
/** A message that has not arrived by then, although the server has it, was missed. */
const lateMs = 15_000;
const number = new Intl.NumberFormat("en");

/** Messages between the users, each counted where it arrives. */
export const part: CreatePane = () => {
  const acknowledged = new Map<string, number>();
  const outboxes: ReturnType<typeof createOutbox>[] = [];
  const received: Map<string, number>[] = [];
  /** Whether a client was told that messages may be missing. */
  let isTold = false;
  let said = 0;

  function mount({ socket, room, member }: PaneUser & Membership): void {
    const counts = new Map<string, number>();
    received.push(counts);
    socket.on("receive-message", ({ documentId, id }) => {
      if (documentId === room) counts.set(id, (counts.get(id) ?? 0) + 1);
    });
    let wasHere = false;
    socket.on("connect", () => {
      if (wasHere && !socket.recovered) isTold = true;
      wasHere = true;
    });
    socket.on("resync", () => (isTold = true));
    const onSent = (id: string) => acknowledged.set(id, performance.now());
    outboxes.push(createOutbox({ socket, provider: member, onSent }));
  }

  function say(): void {
    said += 1;
    outboxes[said % outboxes.length]?.add(`message ${said}`);
  }

  function proof(): Proof {
    const sent = [...acknowledged];
    if (sent.length === 0) return { kind: "good", done: "" };
    /** By all, the sender too. */
    const hasArrived = (id: string) => received.every((counts) => counts.has(id));
    const arrived = sent.filter(([id]) => hasArrived(id)).length;
    const missed = sent.filter(([id, at]) => !hasArrived(id) && performance.now() - at > lateMs).length;
    const doubled = received.flatMap((counts) => [...counts.values()]).filter((count) => count > 1).length;
    const counts = `${number.format(sent.length)} sent, ${number.format(arrived)} received, ${doubled} doubled`;
    const gap = missed > 0 ? `, ${missed} missed${isTold ? " and told of" : ""}` : "";
    const isBad = doubled > 0 || (missed > 0 && !isTold);
    return { kind: isBad ? "bad" : "good", done: `Messages: ${counts}${gap}` };
  }

  return { mount, acts: () => [{ run: say, delayMs: () => everyMs }], proof };
};
