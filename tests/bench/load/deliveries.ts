/** Who must get which messages of one room, and who did. Members are counted from 0. */
export interface Deliveries {
  sent: (message: string) => void;
  /** The server promised it: from now on it is owed to all members. */
  acknowledged: (message: string) => void;
  received: (member: number, message: string) => void;
  /**
   * The member was told that it missed something: it is owed only what is sent from now on, and what it had
   * before may come again.
   */
  startOver: (member: number) => void;
  /** Who is away is not owed anything yet. */
  tally: (isPresent: (member: number) => boolean) => Tally;
}

export interface Tally {
  acknowledged: number;
  /** Deliveries that are owed and did not take place. */
  lost: number;
  /** Deliveries beyond the first, to one member, of one message. */
  repeated: number;
}

export function createDeliveries(members: number): Deliveries {
  const order = new Map<string, number>();
  const owed: string[] = [];
  const got = Array.from({ length: members }, () => new Set<string>());
  let repeated = 0;
  const owedFrom = Array.from({ length: members }, () => 0);

  return {
    sent: (message) => void order.set(message, order.size),
    acknowledged: (message) => void owed.push(message),
    received(member, message) {
      if (got[member]?.has(message)) repeated += 1;
      else got[member]?.add(message);
    },
    startOver(member) {
      owedFrom[member] = order.size;
      got[member]?.clear();
    },
    tally(isPresent) {
      let lost = 0;
      for (const [member, messages] of got.entries()) {
        if (!isPresent(member)) continue;
        const from = owedFrom[member] ?? 0;
        for (const message of owed)
          if ((order.get(message) ?? 0) >= from && !messages.has(message)) lost += 1;
      }
      return { acknowledged: owed.length, lost, repeated };
    },
  };
}
