import { filesOfFeatures } from "../local/feature-files.ts";

/** What an app imports: `trimaran/client`, and `trimaran/client/NAME` for each feature that has a client. */
export function clientEntries(): Record<string, string> {
  return { index: "src/client/index.ts", ...filesOfFeatures("client/index.ts") };
}
