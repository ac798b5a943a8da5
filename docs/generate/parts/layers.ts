import { layers } from "../../../tests/check/layers.ts";
import { table } from "../table.ts";

const code = (parts: readonly string[]) => parts.map((part) => `\`${part}\``).join(", ");

/** Which part of `src` may import which. */
export default function importRules(): string {
  return table(
    ["part of `src`", "may import besides itself"],
    Object.entries(layers).map(([part, allowed]) => [code([part]), code(allowed) || "nothing"]),
  );
}
