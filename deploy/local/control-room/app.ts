import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { streamSSE } from "hono/streaming";
import * as v from "valibot";
import { createAssets } from "../../../src/web/assets.ts";
import type { PartSource } from "../../../src/web/bundle.ts";
import { type Greeting, actions } from "./contract.ts";
import { guard } from "./guard.ts";
import type { Journal } from "./journal.ts";
import type { Observer } from "./observe.ts";
import { ActionError, type Parts } from "./parts.ts";

/** What there is to see and to do once the cluster is up. */
export interface ShownCluster {
  parts: Parts;
  observer: Observer;
  journal: Journal;
  clusterPort: number;
  /** The id of the room that the page's users join. */
  room: string;
}

const actionSchema = v.picklist(actions);

const page = (name: string) => new URL(`page/${name}`, import.meta.url);

/**
 * @param cluster undefined while the cluster is being started.
 * @param panes the modules of features' panes, each with an export `part`.
 */
export function createControlRoomApp(
  port: () => number,
  cluster: () => ShownCluster | undefined,
  panes: readonly PartSource[],
) {
  const app = new Hono();
  const assets = createAssets(
    {
      entries: {},
      page: { module: page("page.ts"), parts: panes },
      files: {
        "index.html": page("index.html"),
        "icon.svg": new URL("../../../src/web/icon.svg", import.meta.url),
      },
    },
    (feature, problem) => console.error(`The control room goes without the pane of ${feature}: ${problem}`),
  );
  app.use(guard(port));
  app.use(async (c, next) => {
    const clients = ["localhost", "127.0.0.1"].map((host) => `${host}:${cluster()?.clusterPort ?? port()}`);
    await secureHeaders({
      strictTransportSecurity: false,
      xFrameOptions: "DENY",
      contentSecurityPolicy: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", "data:"],
        // The page's users go to Caddy, as all clients do.
        connectSrc: ["'self'", ...clients.flatMap((host) => [`http://${host}`, `ws://${host}`])],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    })(c, next);
  });

  const file = async (name: string) => {
    const asset = await assets(name);
    return (
      asset &&
      new Response(asset.body, {
        headers: { "content-type": asset.contentType, "cache-control": "no-cache" },
      })
    );
  };
  app.get("/", async (c) =>
    cluster() ? ((await file("index.html")) ?? c.notFound()) : c.text("The cluster is being started.", 503),
  );
  app.get("/assets/:name", async (c) => (await file(c.req.param("name"))) ?? c.notFound());

  app.get("/events", (c) => {
    const current = cluster();
    if (!current) return c.json({ error: "the cluster is being started" }, 503);
    return streamSSE(c, async (stream) => {
      const { observer, journal, clusterPort, room } = current;
      const greeting: Greeting = { clusterPort, room, history: observer.history() };
      await stream.writeSSE({ event: "greeting", data: JSON.stringify(greeting) });
      let known = 0;
      let isWriting = false;
      const send = async () => {
        // A page that does not read gets fewer snapshots, not a queue of them.
        if (isWriting) return;
        isWriting = true;
        const lines = journal.after(known);
        known = lines.at(-1)?.id ?? known;
        await stream.writeSSE({ event: "snapshot", data: JSON.stringify(observer.snapshot(lines)) });
        isWriting = false;
      };
      void send();
      const off = observer.onTick(() => void send());
      await new Promise<void>((resolve) => stream.onAbort(resolve));
      off();
    });
  });

  app.post("/parts/:part/:action", async (c) => {
    const current = cluster();
    const action = v.safeParse(actionSchema, c.req.param("action"));
    if (!action.success) return c.json({ error: `no such action; there are: ${actions.join(", ")}` }, 404);
    if (!current) return c.json({ error: "the cluster is being started" }, 503);
    try {
      await current.parts.act(c.req.param("part"), action.output);
      return c.json({ ok: true });
    } catch (error) {
      if (error instanceof ActionError) return c.json({ error: error.message }, 409);
      throw error;
    }
  });
  app.notFound((c) => c.json({ error: `no such page: ${c.req.path}` }, 404));
  return app;
}
