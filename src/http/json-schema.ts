import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { bytes } from "../platform/contract/values.ts";

/** A schema that checks input, as JSON Schema for descriptions. */
export function jsonSchema(from: v.GenericSchema): Record<string, unknown> {
  const { $schema: _, ...rest } = toJsonSchema(from, {
    errorMode: "ignore",
    overrideSchema: ({ valibotSchema }) =>
      valibotSchema === bytes.pipe[0]
        ? { type: "string", format: "binary", description: "Binary: a Uint8Array or ArrayBuffer, not text." }
        : undefined,
  });
  return rest;
}
