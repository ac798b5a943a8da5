import type * as v from "valibot";
import type { Feature } from "../../src/platform/contract/define.ts";
import { descriptionOf, isRequired } from "./example-settings.ts";

const mark =
  "# Settings of features. `npm run docs` writes this last part from src/features/*/settings.ts.\n";

/** The text of .env.example with its last part made anew: each feature's settings, with their defaults. */
export function withFeatureSettings(text: string, features: readonly Feature[]): string {
  const [platform, ...last] = text.split(mark);
  if (last.length !== 1) throw new Error(`.env.example has no line "${mark.trim()}"`);
  const lines = features.flatMap(({ settings = {} }) =>
    Object.entries(settings).flatMap(([variable, schema]) => {
      const value = (schema as { default?: unknown }).default;
      const words = [
        ...(isRequired(schema as v.GenericSchema) ? ["required"] : []),
        descriptionOf(schema as v.GenericSchema) ?? [],
      ].flat();
      return [
        ...(words.length > 0 ? [`# ${words.join(": ")}`] : []),
        typeof value === "string" ? `${variable}=${value}` : `#${variable}=`,
      ];
    }),
  );
  return [platform + mark.trim(), ...lines, ""].join("\n");
}
