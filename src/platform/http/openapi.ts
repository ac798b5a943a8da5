import type { Hono } from "hono";
import { generateSpecs, loadVendor } from "hono-openapi";
import * as v from "valibot";
import { refusalCodes } from "../util/errors.ts";
import { version } from "../util/version.ts";
import { json } from "./describe.ts";
import type { HttpEnv } from "./env.ts";
import { jsonSchema } from "./json-schema.ts";

/*
 * OpenAPI 3.1 of all routes of an app, each as it is described where it is defined.
 */

// Schemas become what they are in AsyncAPI. Without this hono-openapi loads a converter of its own at the first request.
loadVendor("valibot", { toOpenAPISchema: (schema) => jsonSchema(schema as v.GenericSchema) });

const errorBody = v.object({
  error: v.object({
    code: v.picklist(refusalCodes),
    message: v.string(),
    retryAfterMs: v.optional(v.number()),
  }),
});

const bearer = { type: "http", scheme: "bearer" } as const;

const documentation = {
  info: {
    title: "Trimaran",
    version,
    description: "What the server offers over HTTP, beside Socket.IO.",
  },
  components: {
    responses: { Error: { description: "Refused, with a code", content: json(errorBody) } },
    securitySchemes: {
      apiKey: { ...bearer, description: "A key of API_KEYS." },
      metricsToken: { ...bearer, description: "METRICS_TOKEN, where one is set." },
      token: { ...bearer, bearerFormat: "JWT", description: "A user's, or one with `service`." },
    },
  },
};

export type OpenApi = Awaited<ReturnType<typeof describeRoutes>>;

/** Every described route of an app, for machines. */
export function describeRoutes(app: Hono<HttpEnv>) {
  return generateSpecs(app, {
    documentation,
    // `/api/openapi.json` is no file.
    excludeStaticFile: false,
    // Refusals are ours.
    defaultValidationErrorResponse: false,
  });
}
