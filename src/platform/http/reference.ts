import { Hono } from "hono";
import { html } from "hono/html";
import { lazy } from "../util/lazy.ts";
import type { AsyncApi } from "./asyncapi.ts";
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
  const operations = Object.entries(asyncApi.operations);
  const received = operations.filter(([, { action }]) => action === "receive");
  const sent = operations.filter(([, { action }]) => action === "send");
  const routes = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({
      path,
      method,
      operation,
    })),
  );
  const link = (id: string, text: string) => html`<li><a href="#${id}">${text}</a></li>`;
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
            <h2>A client sends</h2>
            <ul>
              ${received.map(([name]) => link(name, name))}
            </ul>
            <h2>A client is sent</h2>
            <ul>
              ${sent.map(([name]) => link(name, name))}
            </ul>
            <h2>HTTP</h2>
            <ul>
              ${routes.map(({ path, method }) => link(routeId(method, path), `${method.toUpperCase()} ${path}`))}
            </ul>
          </nav>
          <main id="content">
            <section>
              <h2>Connect</h2>
              <p>${prose(asyncApi.info.description)}</p>
              <pre tabindex="0"><code>import { io } from "socket.io-client";

const socket = io("http://localhost:3000", { auth: { token, name: "Ada" } });
const reply = await socket.emitWithAck("join-document", { documentId: "welcome" });
if (!reply.ok) console.error(reply.error.code, reply.error.message);</code></pre>
            </section>
            <h2>A client sends</h2>
            ${received.map(([name]) => eventSection(name, asyncApi))}
            <h2>A client is sent</h2>
            ${sent.map(([name]) => eventSection(name, asyncApi))}
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
