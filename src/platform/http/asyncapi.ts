import type * as v from "valibot";
import type { ComposedContract, ComposedEvent } from "../contract/compose.ts";
import { authSchema } from "../gateway/contract.ts";
import { refusalCodes } from "../util/errors.ts";
import { version } from "../util/version.ts";
import { jsonSchema } from "./json-schema.ts";

/*
 * AsyncAPI 3 of all events and pushes, from the contracts that define them.
 */

export interface Operation {
  /** What the server does with it. */
  action: "receive" | "send";
  channel: { $ref: string };
  /** The feature that defines it. */
  tags: [{ name: string }];
  summary: string;
  description?: string;
  messages: { $ref: string }[];
  reply?: object;
}

const channel = "#/channels/events";
const refOf = (message: string) => ({ $ref: `${channel}/messages/${message}` });
const messageOf = (name: string, summary: string, payload: object) => ({
  name,
  contentType: "application/json",
  summary,
  payload,
});

const refusal = {
  type: "object",
  properties: {
    ok: { const: false },
    error: {
      type: "object",
      properties: {
        code: { enum: [...refusalCodes] },
        message: { type: "string" },
        retryAfterMs: { type: "number", description: "With `rate_limited`: when to try again." },
      },
      required: ["code", "message"],
    },
  },
  required: ["ok", "error"],
};

/** What an acknowledgement is: `ok` and the reply's own fields, or a refusal. */
function replySchema(reply: v.GenericSchema): object {
  const { properties, required, ...rest } = jsonSchema(reply) as {
    properties: object;
    required: string[];
  };
  return {
    oneOf: [
      { ...rest, properties: { ok: { const: true }, ...properties }, required: ["ok", ...required] },
      { $ref: "#/components/schemas/refusal" },
    ],
  };
}

const whereOf = (namespace: string) => (namespace === "/" ? "" : `In the namespace ${namespace}.`);

function traits({ definition: { room, needs }, order, namespace }: ComposedEvent): string {
  const parts = [
    whereOf(namespace),
    room === "joined" ? "Members of the document only." : "",
    needs ? `Needs the permission to ${needs} the document.` : "",
    {
      exclusive: "Done before the sender's next event starts.",
      "in-turn": "",
      lossy: "Does not wait for the sender's other events: the next one replaces it.",
    }[order],
  ];
  return parts.filter(Boolean).join(" ");
}

function describe({ events, pushes }: ComposedContract) {
  const messages: Record<string, object> = {};
  const operations: Record<string, Operation> = {};
  for (const [name, event] of events) {
    const { summary } = event.definition;
    messages[name] = messageOf(name, summary, jsonSchema(event.schema));
    if (event.reply)
      messages[`${name}.reply`] = messageOf(
        `${name}.reply`,
        `The acknowledgement of ${name}.`,
        replySchema(event.reply),
      );
    operations[name] = {
      action: "receive",
      channel: { $ref: channel },
      tags: [{ name: event.feature }],
      summary,
      description: traits(event),
      messages: [refOf(name)],
      ...(event.reply && { reply: { channel: { $ref: channel }, messages: [refOf(`${name}.reply`)] } }),
    };
  }
  for (const [name, { definition, schema, namespace, feature }] of pushes) {
    const { summary } = definition;
    const description = whereOf(namespace);
    messages[name] = messageOf(name, summary, jsonSchema(schema));
    operations[name] = {
      action: "send",
      channel: { $ref: channel },
      tags: [{ name: feature }],
      summary,
      ...(description && { description }),
      messages: [refOf(name)],
    };
  }
  return { messages, operations };
}

/** For all readers; those of the AsyncAPI document are told of its words besides. */
export const about =
  "Events over Socket.IO (protocol 5), for its official clients. Every event has one object, and an acknowledgement " +
  "where a reply is named.";

export type AsyncApi = ReturnType<typeof describeEvents>;

/** Every event and push of an app, for machines. */
export function describeEvents(contract: ComposedContract) {
  const { messages, operations } = describe(contract);
  return {
    asyncapi: "3.0.0",
    info: {
      title: "Trimaran",
      version,
      description: `${about} An operation with the action \`receive\` is an event, which the server receives; with \`send\` it is a push.`,
    },
    defaultContentType: "application/json",
    servers: {
      server: {
        host: "localhost:3000",
        protocol: "socket.io",
        protocolVersion: "5",
        pathname: "/socket.io/",
        description: "WebSocket, or long-polling upgraded to it.",
        security: [{ $ref: "#/components/securitySchemes/token" }],
      },
    },
    channels: {
      events: { address: "/", title: "The namespace /", servers: [{ $ref: "#/servers/server" }], messages },
    },
    operations,
    components: {
      schemas: { refusal, handshake: jsonSchema(authSchema) },
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "In the handshake's `auth.token`. Not needed where the server is open.",
        },
      },
    },
  };
}
