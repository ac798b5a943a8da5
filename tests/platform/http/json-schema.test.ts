import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as v from "valibot";
import { jsonSchema } from "../../../src/platform/http/json-schema.ts";

describe("JSON Schema of schemas", () => {
  test("has a default that is a value, and none that is made for each input", () => {
    const schema = jsonSchema(
      v.object({ name: v.optional(v.string(), "Ada"), at: v.optional(v.number(), () => Date.now()) }),
    );
    assert.deepEqual(schema["properties"], {
      name: { type: "string", default: "Ada" },
      at: { type: "number" },
    });
  });
});
