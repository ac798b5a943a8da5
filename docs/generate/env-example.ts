import * as v from "valibot";
import type { Feature } from "../../src/platform/contract/define.ts";

const mark =
  "# Settings of features. `npm run docs` writes this last part from src/features/*/settings.ts.\n";

/** The text of .env.example with its last part made anew: each feature's settings, with their defaults. */
export function withFeatureSettings(text: string, features: readonly Feature[]): string {
  const [platform, ...last] = text.split(mark);
  if (last.length !== 1) throw new Error(`.env.example has no line "${mark.trim()}"`);
  const lines = features.flatMap(({ settings = {} }) =>
    Object.entries(settings).flatMap(([variable, schema]) => {
      const { wrapped, default: value } = schema as { wrapped: v.GenericSchema; default?: string };
      const words = v.getDescription(wrapped);
      return [
        ...(words ? [`# ${words}`] : []),
        value === undefined ? `#${variable}=` : `${variable}=${value}`,
      ];
    }),
  );
  return [platform + mark.trim(), ...lines, ""].join("\n");
}
