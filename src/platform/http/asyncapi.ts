import type * as v from "valibot";
import type { ComposedContract, ComposedEvent, ComposedPush } from "../contract/compose.ts";
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

/** A channel for each namespace that has events or pushes. */
interface Channel {
  address: string;
  title: string;
  servers: { $ref: string }[];
  messages: Record<string, object>;
}

/** The key of a namespace's channel: `events` for `/`, `events-lobby` for `/lobby`. */
const channelOf = (namespace: string) => `events${namespace === "/" ? "" : namespace.replace("/", "-")}`;
const refOf = (namespace: string, message?: string) => ({
  $ref: `#/channels/${channelOf(namespace)}${message === undefined ? "" : `/messages/${message}`}`,
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
const sentences = (parts: string[]) => parts.filter(Boolean).join(" ");

function eventTraits({ definition: { room, needs }, order, namespace }: ComposedEvent): string {
  return sentences([
    whereOf(namespace),
    room === "joined" ? "Members of the document only." : "",
    needs ? `Needs the permission to ${needs} the document.` : "",
    {
      exclusive: "Done before the sender's next event starts.",
      "in-turn": "",
      lossy: "Does not wait for the sender's other events: the next one replaces it.",
    }[order],
  ]);
}

function pushTraits({ definition: { room, recover, backends }, namespace }: ComposedPush): string {
  return sentences([
    whereOf(namespace),
    room ? "Sent to the members of a document." : "",
    recover ? "Sent to clients that were away for a moment when they come back." : "Not sent again.",
    backends ? "Backends may publish it over HTTP." : "",
  ]);
}

function describe({ events, pushes }: ComposedContract) {
  const channels: Record<string, Channel> = {};
  const operations: Record<string, Operation> = {};
  function note(namespace: string, name: string, summary: string, payload: object): { $ref: string } {
    const channel = (channels[channelOf(namespace)] ??= {
      address: namespace,
      title: `The namespace ${namespace}`,
      servers: [{ $ref: "#/servers/server" }],
      messages: {},
    });
    channel.messages[name] = { name, contentType: "application/json", summary, payload };
    return refOf(namespace, name);
  }
  for (const [name, event] of events) {
    const { definition, namespace, schema, reply } = event;
    const { summary } = definition;
    const channel = refOf(namespace);
    operations[name] = {
      action: "receive",
      channel,
      tags: [{ name: event.feature }],
      summary,
      description: eventTraits(event),
      messages: [note(namespace, name, summary, jsonSchema(schema))],
    };
    if (!reply) continue;
    const acknowledgement = `The acknowledgement of ${name}.`;
    const messages = [note(namespace, `${name}.reply`, acknowledgement, replySchema(reply))];
    operations[name].reply = { channel, messages };
  }
  for (const [name, push] of pushes) {
    const { definition, namespace, schema, feature } = push;
    operations[name] = {
      action: "send",
      channel: refOf(namespace),
      tags: [{ name: feature }],
      summary: definition.summary,
      description: pushTraits(push),
      messages: [note(namespace, name, definition.summary, jsonSchema(schema))],
    };
  }
  return { channels, operations };
}

/** Introduces the events, at /docs and in the AsyncAPI document; the latter explains its own terms as well. */
export const about =
  "Events over Socket.IO (protocol 5), for its official clients. Every event has one object, and an acknowledgement " +
  "where a reply is named.";

export type AsyncApi = ReturnType<typeof describeEvents>;

/** Every event and push of an app, for machines. */
export function describeEvents(contract: ComposedContract) {
  const { channels, operations } = describe(contract);
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
    channels,
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
