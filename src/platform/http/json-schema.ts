import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { bytes } from "../contract/values.ts";

/** A schema that checks input, as JSON Schema for descriptions. */
export function jsonSchema(from: v.GenericSchema): Record<string, unknown> {
  const { $schema: _, ...rest } = toJsonSchema(from, {
    errorMode: "ignore",
    overrideSchema({ valibotSchema, jsonSchema: schema }) {
      if (valibotSchema === bytes.pipe[0])
        return {
          type: "string",
          format: "binary",
          description: "Binary: a Uint8Array or ArrayBuffer, not text.",
        };
      if (!("default" in valibotSchema) || typeof valibotSchema.default !== "function") return undefined;
      // Made for each input, such as the time of day: one of them would say nothing, and change with every description.
      const { default: _default, ...rest } = schema;
      return rest;
    },
  });
  return rest;
}
