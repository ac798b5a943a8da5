import * as v from "valibot";
import type { Feature } from "../../src/platform/contract/define.ts";

const heading = "# Settings of features, written by `npm run docs`.";

/** `.env.example`, with the settings that features have now at its end. */
export function withFeatureSettings(text: string, features: readonly Feature[]): string {
  const [platform = ""] = text.split(`\n${heading}`);
  const settings = features.flatMap(({ settings: own = {} }) => Object.entries(own));
  const lines = settings.map(([name, schema]) => {
    const { wrapped, default: byDefault } = schema as { wrapped: v.GenericSchema; default?: unknown };
    const setting = typeof byDefault === "string" ? `${name}=${byDefault}` : `#${name}=`;
    return `# ${v.getDescription(wrapped) ?? name}\n${setting}\n`;
  });
  return lines.length === 0 ? platform : `${platform}\n${heading}\n${lines.join("")}`;
}
