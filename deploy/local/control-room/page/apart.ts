import type { Person } from "./person.ts";

const moveAfterMs = 400;
const maxMoves = 6;

/**
 * Sees to it that the two are on different replicas while there are two that serve: only then does what one does
 * take the way through Redis to the other.
 */
export function keepApart([one, two]: readonly [Person, Person], serving: () => number): void {
  let moves = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const check = () => {
    const here = one.place()?.nodeId;
    if (here === undefined || here !== two.place()?.nodeId) {
      if (here !== undefined && two.place()) moves = 0;
      return;
    }
    timer ??= setTimeout(() => {
      timer = undefined;
      const isTogether = one.place()?.nodeId !== undefined && one.place()?.nodeId === two.place()?.nodeId;
      // The balancer chooses by chance; a few attempts are enough, and without end they would be a nuisance.
      if (!isTogether || serving() < 2 || moves >= maxMoves) return;
      moves += 1;
      // As if the network went: the client comes back by itself.
      two.socket.io.engine.close();
    }, moveAfterMs);
  };
  one.onChange(check);
  two.onChange(check);
}
