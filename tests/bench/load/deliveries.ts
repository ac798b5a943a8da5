/** Who must get which messages of one room, and who did. Members are counted from 0. */
export interface Deliveries {
  sent: (message: string) => void;
  /** The server promised it: from now on it is owed to all members. */
  acknowledged: (message: string) => void;
  received: (member: number, message: string) => void;
  /** The member was told that it missed something: it is owed only what is sent from now on. */
  startOver: (member: number) => void;
  tally: () => Tally;
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
  const got = Array.from({ length: members }, () => new Map<string, number>());
  const owedFrom = Array.from({ length: members }, () => 0);

  return {
    sent: (message) => void order.set(message, order.size),
    acknowledged: (message) => void owed.push(message),
    received(member, message) {
      const times = got[member];
      times?.set(message, (times.get(message) ?? 0) + 1);
    },
    startOver(member) {
      owedFrom[member] = order.size;
    },
    tally() {
      let lost = 0;
      let repeated = 0;
      for (const [member, times] of got.entries()) {
        const from = owedFrom[member] ?? 0;
        for (const message of owed) if ((order.get(message) ?? 0) >= from && !times.has(message)) lost += 1;
        for (const count of times.values()) repeated += count - 1;
      }
      return { acknowledged: owed.length, lost, repeated };
    },
  };
}
