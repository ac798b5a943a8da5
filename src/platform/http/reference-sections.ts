import { html } from "hono/html";
import type { AsyncApi } from "./asyncapi.ts";
import { type Schema, notesOf, sampleOf, typeOf } from "./reference-schema.ts";

type Markup = ReturnType<typeof html> | "";

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

/** One event or push, with its payload and what its acknowledgement has. */
export function eventSection(name: string, { operations, channels }: AsyncApi): Markup {
  const operation = operations[name] as Operation & { action: string; channel: { $ref: string } };
  const channel = operation.channel.$ref.split("/").at(-1) ?? "";
  const messages = (channels[channel]?.messages ?? {}) as Record<string, { payload: Schema }>;
  const isEvent = operation.action === "receive";
  const reply = messages[`${name}.reply`]?.payload.oneOf?.[0];
  const payload = messages[name]?.payload;
  return html`<section aria-labelledby="${name}">
    <h3 id="${name}"><code>${name}</code></h3>
    <p>${prose(operation.summary)}</p>
    <p class="soft">
      ${isEvent ? "An event: a client sends it." : "A push: the server sends it."}
      ${prose(operation.description)}
    </p>
    ${payload ? payloadOf(name, payload) : ""} ${reply ? fields("Acknowledgement", name, reply) : ""}
    ${isEvent && payload ? snippet(name, payload, reply !== undefined) : ""}
  </section>`;
}

/** A push may be another value than an object of fields. */
function payloadOf(name: string, payload: Schema): Markup {
  if (payload.type === "object" && payload.properties) return fields("Payload", name, payload);
  const notes = notesOf(payload);
  return html`<p class="soft">Payload: <code>${typeOf(payload)}</code>${notes ? `, ${notes}` : ""}</p>`;
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

/** How a client would send it, with a value for each field that must be there. */
function snippet(name: string, payload: Schema, isAnswered: boolean): Markup {
  const call = `("${name}", ${sampleOf(name, payload)});`;
  const code = isAnswered ? `const reply = await socket.emitWithAck${call}` : `socket.emit${call}`;
  return html`<pre tabindex="0"><code>${code}</code></pre>`;
}
