import * as v from "valibot";
import type { Feature } from "../../src/platform/contract/define.ts";

/**
 * Values for the settings that a server does not start without, so that a server can be made whose routes are read.
 *
 * @throws {Error} for a setting that needs an example in its schema.
 */
export function exampleSettings(features: readonly Feature[]): Record<string, string> {
  const required = features.flatMap(({ contract, settings = {} }) =>
    Object.entries(settings)
      .filter(([, schema]) => isRequired(schema as v.GenericSchema))
      .map(([name, schema]) => [name, exampleOf(contract.name, name, schema as v.GenericSchema)]),
  );
  return Object.fromEntries(required) as Record<string, string>;
}

/** Whether the server does not start without this variable. */
export function isRequired(schema: v.GenericSchema): boolean {
  return !v.is(schema, undefined);
}

function exampleOf(feature: string, name: string, schema: v.GenericSchema): string {
  const example = [...v.getExamples(schema), "example"].find((text) => v.is(schema, text));
  if (typeof example === "string") return example;
  throw new Error(
    `the setting ${name} of the feature ${feature} is required, and has no example that fits: its routes can't be ` +
      'described. Put v.examples(["…"]) into the pipe of its schema, or give it a default',
  );
}

/** What a setting is for, in words. */
export function descriptionOf(schema: v.GenericSchema): string | undefined {
  const { wrapped } = schema as { wrapped?: v.GenericSchema };
  return v.getDescription(schema) ?? (wrapped && v.getDescription(wrapped));
}
