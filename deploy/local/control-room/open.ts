import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { serve } from "@hono/node-server";
import type { LocalCluster } from "../cluster.ts";
import type { PartSource } from "../../../src/web/bundle.ts";
import { filesOfFeatures } from "../feature-files.ts";
import { freePort } from "../free-port.ts";
import { root } from "../replica.ts";
import { type ShownCluster, createControlRoomApp } from "./app.ts";
import { createJournal } from "./journal.ts";
import { createObserver } from "./observe.ts";
import { createParts } from "./parts.ts";

export interface ControlRoom {
  url: string;
  /** Variables for the replicas: the page's users connect to them from another origin, the control room's. */
  env: { CLIENT_ORIGIN: string };
  /** Whether the wanted port is taken, so that another one is used. */
  isElsewhere: boolean;
  /** From here on it shows this cluster. */
  show: (cluster: LocalCluster) => void;
  /** To be called before the cluster is stopped: the ends of its processes are then not reported. */
  close: () => void;
}

const panesOfFeatures = () =>
  Object.entries(filesOfFeatures("control-room/index.ts")).map(([feature, path]) => ({
    feature,
    url: pathToFileURL(join(root, path)),
  }));

/**
 * Opens the control room on loopback, before the cluster is there: the replicas must know its origin.
 *
 * @param wantedPort if it is taken, or 0, another one is used.
 * @param panes the modules of features' panes, each with an export `part`; those of all features if left out.
 */
export async function openControlRoom(
  wantedPort: number,
  panes: readonly PartSource[] = panesOfFeatures(),
): Promise<ControlRoom> {
  let shown: ShownCluster | undefined;
  let port = 0;
  const app = createControlRoomApp(
    () => port,
    () => shown,
    panes,
  );
  const listen = async (on: number) => {
    // Never on other addresses: whoever reaches it can end processes.
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: on });
    await once(server, "listening");
    port = (server.address() as AddressInfo).port;
    return server;
  };
  const isTaken = (error: unknown) =>
    ["EADDRINUSE", "EACCES"].includes(String((error as NodeJS.ErrnoException).code));
  const server = await listen(wantedPort || (await freePort())).catch(async (error: unknown) => {
    if (!isTaken(error)) throw error;
    return listen(await freePort());
  });

  return {
    url: `http://localhost:${port}`,
    env: {
      // Origins that the environment has already stay allowed.
      CLIENT_ORIGIN: [process.env["CLIENT_ORIGIN"], `http://localhost:${port}`, `http://127.0.0.1:${port}`]
        .filter(Boolean)
        .join(","),
    },
    isElsewhere: wantedPort !== 0 && port !== wantedPort,
    show(cluster) {
      const journal = createJournal();
      journal.add("all parts are up", "good");
      const parts = createParts(cluster, journal);
      const observer = createObserver(parts, journal);
      const room = `control-room-${Math.random().toString(36).slice(2, 8)}`;
      shown = { parts, observer, journal, clusterPort: cluster.caddy.port, room };
    },
    close() {
      shown?.parts.close();
      shown?.observer.stop();
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
    },
  };
}
