const names = ["Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald"];
const colors = ["#0e7490", "#15803d", "#b45309", "#be123c", "#6d28d9", "#1d4ed8"];
const pick = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)] as T;

/** Who this page's visitor is. Your product knows better. */
export const me = { name: pick(names), color: pick(colors) };
