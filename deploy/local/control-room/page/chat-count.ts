import { createOutbox } from "../../../../src/features/chat/client/index.ts";
import type { Person } from "./person.ts";

/** A message that is not there by then, although the server has it, was missed. */
const lateMs = 15_000;

/** Messages between the two, each counted where it arrives. */
export function createChat(people: readonly [Person, Person]) {
  const acknowledged = new Map<string, number>();
  /** Whether somebody was told that messages may be missing. */
  let isTold = false;
  const received = people.map(() => new Map<string, number>());
  const outboxes = people.map((person, index) => {
    const { socket, provider, documentId } = person;
    socket.on("receive-message", (message) => {
      if (message.documentId !== documentId) return;
      const counts = received[index];
      counts?.set(message.id, (counts.get(message.id) ?? 0) + 1);
    });
    let wasHere = false;
    socket.on("connect", () => {
      if (wasHere && !socket.recovered) isTold = true;
      wasHere = true;
    });
    socket.on("resync", () => (isTold = true));
    return createOutbox({
      socket,
      provider,
      onSent: (id) => acknowledged.set(id, performance.now()),
    });
  });

  return {
    say: (index: number, text: string): void => void outboxes[index]?.add(text),
    counts() {
      const ids = [...acknowledged];
      const arrived = (id: string) => received.every((counts) => counts.has(id));
      const late = ids.filter(([id, at]) => !arrived(id) && performance.now() - at > lateMs);
      return {
        sent: ids.length,
        /** By both, the sender too. */
        received: ids.filter(([id]) => arrived(id)).length,
        doubled: received.flatMap((counts) => [...counts.values()]).filter((count) => count > 1).length,
        missed: late.length,
        isTold,
      };
    },
  };
}
