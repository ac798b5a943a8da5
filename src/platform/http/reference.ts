import { Hono } from "hono";
import { html } from "hono/html";
import { lazy } from "../util/lazy.ts";
import { type AsyncApi, about } from "./asyncapi.ts";
import type { OpenApi } from "./openapi.ts";
import { type Operation, eventSection, prose, routeSection } from "./reference-sections.ts";
import { pageHeaders } from "./security-headers.ts";

type Markup = ReturnType<typeof html>;

/**
 * The reference at /docs, rendered from the two descriptions: what is in them is on it, with no script. It says
 * nothing that a client could not find out by itself, and so needs no permission.
 */
export function referenceRoutes(asyncApi: () => AsyncApi, openApi: () => Promise<OpenApi>) {
  const app = new Hono();
  app.use(pageHeaders());
  const rendered = lazy(async () => page(asyncApi(), await openApi()));
  app.get("/", async (c) => c.html(await rendered()));
  return app;
}

function page(asyncApi: AsyncApi, openApi: OpenApi): Markup {
  const features = [
    ...Map.groupBy(Object.entries(asyncApi.operations), ([, { tags }]) => tags[0].name).entries(),
  ].map(([feature, operations]) => ({
    feature,
    events: operations.flatMap(([name, { action }]) => (action === "receive" ? [name] : [])),
    pushes: operations.flatMap(([name, { action }]) => (action === "send" ? [name] : [])),
  }));
  const routes = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({
      path,
      method,
      operation,
    })),
  );
  const link = (id: string, text: Markup) => html`<li><a href="#${id}">${text}</a></li>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Reference · Trimaran</title>
        <link rel="icon" href="/assets/icon.svg" />
        <link rel="stylesheet" href="/assets/docs.css" />
      </head>
      <body>
        <a class="skip" href="#content">Skip to the reference</a>
        <header>
          <h1>Reference</h1>
          <p>
            Every event and every route of this server (version ${asyncApi.info.version}), made from the
            schemas that check them. For machines: <a href="/api/asyncapi.json">AsyncAPI 3</a> and
            <a href="/api/openapi.json">OpenAPI 3.1</a>. <a href="/">Back to the page</a>
          </p>
        </header>
        <div class="columns">
          <nav aria-label="Contents">
            ${features.map(
              ({ feature, events, pushes }) =>
                html`<h2>${feature}</h2>
                  <ul>
                    ${events.map((name) => link(name, html`${name}`))}
                    ${pushes.map((name) => link(name, html`${name} <i>push</i>`))}
                  </ul>`,
            )}
            <h2>HTTP</h2>
            <ul>
              ${routes.map(({ path, method }) => link(routeId(method, path), html`${method.toUpperCase()} ${path}`))}
            </ul>
          </nav>
          <main id="content">
            <section>
              <h2>Connect</h2>
              <p>${prose(about)}</p>
              <pre tabindex="0"><code>import { io } from "socket.io-client";

const socket = io("http://localhost:3000", { auth: { token, name: "Ada" } });
const reply = await socket.emitWithAck("join-document", { documentId: "welcome" });
if (!reply.ok) console.error(reply.error.code, reply.error.message);</code></pre>
            </section>
            ${features.map(
              ({ feature, events, pushes }) =>
                html`<h2>${feature}</h2>
                  ${[...events, ...pushes].map((name) => eventSection(name, asyncApi))}`,
            )}
            <h2>HTTP</h2>
            ${routes.map(({ path, method, operation }) =>
              routeSection(routeId(method, path), method.toUpperCase(), path, operation),
            )}
          </main>
        </div>
      </body>
    </html>`;
}

function routeId(method: string, path: string): string {
  return `${method}${path.replaceAll(/[^a-z0-9]+/gi, "-")}`;
}
