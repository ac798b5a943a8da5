import { type Attacker, type AttackerOptions, openAttacker } from "./attacker.ts";

/** Attackers that take turns; one that was thrown out comes back. */
export function createPool(
  size: number,
  options: AttackerOptions,
  prepare: (attacker: Attacker) => Promise<unknown> = async () => {},
) {
  const members: (Promise<Attacker> | undefined)[] = Array.from({ length: size });
  let turn = 0;

  async function open(): Promise<Attacker> {
    const attacker = await openAttacker(options);
    await prepare(attacker);
    return attacker;
  }

  return {
    async next(): Promise<Attacker> {
      turn = (turn + 1) % size;
      const index = turn;
      const member = (members[index] ??= open());
      const attacker = await member;
      if (!attacker.socket.isClosed()) return attacker;
      // Whoever finds it closed first opens the next; the others take that one.
      if (members[index] === member) members[index] = open();
      return members[index] as Promise<Attacker>;
    },
    async close(): Promise<void> {
      for (const member of members) (await member?.catch(() => undefined))?.socket.destroy();
    },
  };
}
