import * as v from "valibot";
import { roomIdSchema as documentIdSchema } from "../platform/contract/room-id.ts";
import { refusalCodes } from "../shared/errors.ts";
import { version } from "../shared/version.ts";
import { eventBody, revocationBody } from "./backend.ts";
import { jsonSchema } from "./json-schema.ts";

/*
 * OpenAPI 3.1 of all routes, from the schemas that check requests. A test holds it to the routes there are.
 */

const json = (from: v.GenericSchema) => ({ "application/json": { schema: jsonSchema(from) } });
const binary = {
  "application/octet-stream": { schema: { type: "string", contentMediaType: "application/octet-stream" } },
};

const errorBody = v.object({
  error: v.object({
    code: v.picklist(refusalCodes),
    message: v.string(),
    retryAfterMs: v.optional(v.number()),
  }),
});
const stored = v.object({ ok: v.literal(true), stored: v.picklist(["shared", "local"]) });
const done = v.object({ ok: v.literal(true) });
const connections = v.object({
  ok: v.literal(true),
  connections: v.array(
    v.object({
      connectionId: v.string(),
      namespace: v.string(),
      name: v.string(),
      address: v.string(),
      documents: v.array(documentIdSchema),
    }),
  ),
  /** Of the replica that was asked alone, because Redis is away. */
  partial: v.boolean(),
});

const errors = {
  "400": { $ref: "#/components/responses/Error" },
  "401": { $ref: "#/components/responses/Error" },
  "403": { $ref: "#/components/responses/Error" },
  "413": { $ref: "#/components/responses/Error" },
  "429": { $ref: "#/components/responses/Error" },
  "503": { $ref: "#/components/responses/Error" },
};
const ok = (description: string, content?: object) => ({ description, ...(content && { content }) });
const pathParameter = (name: string, of: v.GenericSchema) => ({
  name,
  in: "path",
  required: true,
  schema: jsonSchema(of),
});
const documentId = pathParameter("id", documentIdSchema);
const userId = pathParameter("id", v.pipe(v.string(), v.minLength(1), v.maxLength(128)));
const anyone: Record<string, string[]>[] = [];
/** Anyone, where no METRICS_TOKEN is set. */
const scraper = [{}, { metricsToken: [] }];
const reader = [{ token: [] }, { apiKey: [] }];
const backend = [{ apiKey: [] }, { token: [] }];

function operation(summary: string, security: Record<string, string[]>[], rest: object) {
  return { summary, security, ...rest };
}

export const openApi = {
  openapi: "3.1.0",
  info: {
    title: "Trimaran",
    version,
    description: "What the server offers over HTTP, beside Socket.IO.",
  },
  paths: {
    "/livez": {
      get: operation("Whether the process answers", anyone, { responses: { "200": ok("It does") } }),
    },
    "/readyz": {
      get: operation("Whether to send traffic here, with the mode and whether Redis is up", anyone, {
        responses: { "200": ok("Serving"), "503": ok("Starting or stopping") },
      }),
    },
    "/metrics": {
      get: operation("Metrics for Prometheus, read at most once a second for all who ask", scraper, {
        responses: {
          "200": ok("All of them", { "text/plain": {} }),
          "401": { $ref: "#/components/responses/Error" },
        },
      }),
    },
    "/api/openapi.json": {
      get: operation("The description of all routes", anyone, {
        responses: { "200": ok("OpenAPI 3.1", { "application/json": {} }) },
      }),
    },
    "/api/asyncapi.json": {
      get: operation("The description of all events", anyone, {
        responses: { "200": ok("AsyncAPI 3", { "application/json": {} }) },
      }),
    },
    "/api/cluster": {
      get: operation("Replicas, with rooms for backends or when the server is open", reader, {
        responses: { "200": ok("As this replica knows them", { "application/json": {} }), ...errors },
      }),
    },
    "/api/documents/{id}": {
      get: operation(
        "A document, for clients that may read it. Answers that are not read are bounded: 429, 503",
        reader,
        {
          parameters: [documentId],
          responses: {
            "200": ok("A Yjs update (version 1), or JSON for `Accept: application/json`", {
              ...binary,
              "application/json": {},
            }),
            "404": { $ref: "#/components/responses/Error" },
            ...errors,
          },
        },
      ),
    },
    "/api/documents/{id}/changes": {
      post: operation("Changes a document. Sending the same update again does no harm", backend, {
        parameters: [documentId],
        requestBody: { required: true, description: "A Yjs update (version 1)", content: binary },
        responses: {
          "200": ok("Stored: on all replicas, or here until Redis is back", json(stored)),
          ...errors,
        },
      }),
    },
    "/api/documents/{id}/events": {
      post: operation("Sends an event to a document's members, once for each key", backend, {
        parameters: [
          documentId,
          {
            name: "Idempotency-Key",
            in: "header",
            required: true,
            description: "The same key within ten minutes sends nothing again.",
            schema: { type: "string", pattern: "^[\\x21-\\x7e]{1,128}$" },
          },
        ],
        requestBody: { required: true, content: json(eventBody(["receive-message"])) },
        responses: { "200": ok("Sent", json(done)), ...errors },
      }),
    },
    "/api/users/{id}/connections": {
      get: operation("A user's connections on all replicas", backend, {
        parameters: [userId],
        responses: { "200": ok("All that are open", json(connections)), ...errors },
      }),
      delete: operation("Ends a user's connections; the clients come back with a token", backend, {
        parameters: [userId],
        responses: { "200": ok("They are being ended", json(done)), ...errors },
      }),
    },
    "/api/revocations": {
      post: operation(
        "Takes away what a user's tokens issued so far, and within 5 s, allow, on live connections too",
        backend,
        {
          requestBody: {
            required: true,
            description:
              "Without `documentId`: everything. `write` leaves reading; `read`, the default, takes both.",
            content: json(revocationBody),
          },
          responses: { "200": ok("Taken away", json(stored)), ...errors },
        },
      ),
    },
  },
  components: {
    responses: { Error: { description: "Refused, with a code", content: json(errorBody) } },
    securitySchemes: {
      apiKey: { type: "http", scheme: "bearer", description: "A key of API_KEYS." },
      metricsToken: { type: "http", scheme: "bearer", description: "METRICS_TOKEN, where one is set." },
      token: {
        type: "http",
        scheme: "bearer",
        bearerFormat: "JWT",
        description: "A user's, or one with `service`.",
      },
    },
  },
};
