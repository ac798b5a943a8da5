import { html } from "hono/html";
import type { AsyncApi } from "./asyncapi.ts";

type Markup = ReturnType<typeof html> | "";

/** What of JSON Schema our descriptions have. */
interface Schema {
  $ref?: string;
  type?: string;
  format?: string;
  description?: string;
  enum?: unknown[];
  const?: unknown;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  oneOf?: Schema[];
  anyOf?: Schema[];
}

export interface Operation {
  summary?: string;
  description?: string;
  security?: Record<string, unknown>[];
  parameters?: { name: string; in: string; description?: string; schema: Schema }[];
  requestBody?: { description?: string; content: Record<string, { schema?: Schema }> };
  responses?: Record<
    string,
    { $ref?: string; description?: string; content?: Record<string, { schema?: Schema }> }
  >;
}

/** Text with code in backticks. */
export function prose(text = ""): Markup[] {
  return text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

/** One event, with its payload and what its acknowledgement has. */
export function eventSection(name: string, { operations, channels }: AsyncApi): Markup {
  const operation = operations[name] as Operation & { action: string; channel: { $ref: string } };
  const channel = operation.channel.$ref.split("/").at(-1) ?? "";
  const messages = (channels[channel]?.messages ?? {}) as Record<string, { payload: Schema }>;
  const reply = messages[`${name}.reply`]?.payload.oneOf?.[0];
  const payload = messages[name]?.payload;
  return html`<section aria-labelledby="${name}">
    <h3 id="${name}"><code>${name}</code></h3>
    <p>${prose(operation.summary)}</p>
    ${operation.description ? html`<p class="soft">${operation.description}</p>` : ""}
    ${payload ? fields("Payload", name, payload) : ""} ${reply ? fields("Acknowledgement", name, reply) : ""}
    ${operation.action === "receive" ? snippet(name, payload, reply !== undefined) : ""}
  </section>`;
}

/** One route, with its parameters, body and answers. */
export function routeSection(id: string, method: string, path: string, operation: Operation): Markup {
  const { parameters = [], requestBody, responses = {}, security = [] } = operation;
  const body = requestBody && Object.entries(requestBody.content)[0];
  const parameterSchema: Schema = {
    properties: Object.fromEntries(
      parameters.map(({ name, schema, description }) => [
        name,
        { ...schema, ...(description && { description }) },
      ]),
    ),
    required: parameters.map(({ name }) => name),
  };
  const who = security.flatMap((each) => Object.keys(each));
  return html`<section aria-labelledby="${id}">
    <h3 id="${id}">
      <code><span class="method">${method}</span> ${path}</code>
    </h3>
    <p>${prose(operation.summary)}.</p>
    <p class="soft">${who.length === 0 ? "For anyone." : `With ${who.map(credential).join(" or ")}.`}</p>
    ${parameters.length > 0 ? fields("Parameters", `${method} ${path}`, parameterSchema) : ""}
    ${
      body
        ? html`<p>
              Body:
              <code>${body[0]}</code
              >${requestBody.description ? html`, ${prose(requestBody.description)}` : ""}
            </p>
            ${body[1].schema?.properties ? fields("Body", `${method} ${path}`, body[1].schema) : ""}`
        : ""
    }
    <ul class="answers">
      ${Object.entries(responses)
        .filter(([, { $ref }]) => $ref === undefined)
        .map(([status, { description }]) => html`<li><b>${status}</b> ${prose(description)}</li>`)}
    </ul>
  </section>`;
}

const credential = (scheme: string) =>
  ({ apiKey: "a key of API_KEYS", metricsToken: "METRICS_TOKEN, where one is set" })[scheme] ??
  "a user's token (backends: one with service)";

function fields(title: string, of: string, { properties = {}, required = [] }: Schema): Markup {
  const rows = Object.entries(properties);
  if (rows.length === 0) return html`<p class="soft">${title}: nothing.</p>`;
  // To be reached by the keyboard, should it be too wide for the window.
  return html`<div class="table" tabindex="0" role="region" aria-label="${title} of ${of}">
    <table>
      <caption>
        ${title}
      </caption>
      <thead>
        <tr>
          <th scope="col">field</th>
          <th scope="col">type</th>
          <th scope="col">notes</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name, schema]) =>
            html`<tr>
              <th scope="row">
                <code>${name}</code>${required.includes(name) ? "" : html` <i>optional</i>`}
              </th>
              <td>${typeOf(schema)}</td>
              <td>${notesOf(schema)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.format === "binary") return "binary";
  if (schema.type === "array") return `${typeOf(schema.items ?? {})}[]`;
  return schema.type ?? "any";
}

function notesOf({ description, format, ...schema }: Schema): string {
  const parts = [
    format === "binary" ? "Uint8Array or ArrayBuffer" : description,
    schema.pattern && `matches ${schema.pattern}`,
    schema.maxLength !== undefined && `${schema.minLength ?? 0}-${schema.maxLength} characters`,
    schema.default !== undefined && `default ${JSON.stringify(schema.default)}`,
    schema.properties && `{ ${Object.keys(schema.properties).join(", ")} }`,
  ];
  return parts.filter(Boolean).join("; ");
}

/** How a client would send it, with a value for each field that must be there. */
function snippet(name: string, payload: Schema | undefined, isAnswered: boolean): Markup {
  const required = payload?.required ?? [];
  const values = required.map((field) => `${field}: ${sampleOf(field, payload?.properties?.[field] ?? {})}`);
  const call = `("${name}", { ${values.join(", ")} });`;
  const code = isAnswered ? `const reply = await socket.emitWithAck${call}` : `socket.emit${call}`;
  return html`<pre tabindex="0"><code>${code}</code></pre>`;
}

function sampleOf(field: string, schema: Schema): string {
  if (schema.format === "binary") return field;
  if (schema.enum) return JSON.stringify(schema.enum[0]);
  if (field === "id") return "crypto.randomUUID()";
  return (
    { number: "1", integer: "1", boolean: "true" }[schema.type ?? ""] ??
    (field === "documentId" ? '"welcome"' : '"Hello"')
  );
}
