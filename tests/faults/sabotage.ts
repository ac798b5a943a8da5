import type { History } from "./history.ts";

export const sabotages = ["drop", "double"] as const;
export type Sabotage = (typeof sabotages)[number];

/** Spoils a recorded history, to see that the checker notices: one delivery is lost, or comes twice. */
export function sabotage(history: History, kind: Sabotage): void {
  const deliveries = history.members[0]?.deliveries ?? [];
  // From the middle: ends are where a checker is most easily right by chance.
  const index = Math.floor(deliveries.length / 2);
  const delivery = deliveries[index];
  if (!delivery) throw new Error("nothing was delivered that could be spoilt");
  deliveries.splice(index, 1, ...(kind === "drop" ? [] : [delivery, { ...delivery }]));
}
