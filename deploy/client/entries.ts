import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../local/replica.ts";

/** What an app imports: `trimaran/client`, and `trimaran/client/NAME` for each feature that has a client. */
export function clientEntries(): Record<string, string> {
  const features = readdirSync(join(root, "src/features"))
    .map((name) => [name, `src/features/${name}/client/index.ts`] as const)
    .filter(([, file]) => existsSync(join(root, file)));
  return { index: "src/client/index.ts", ...Object.fromEntries(features) };
}
