import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { LocalCluster } from "../cluster.ts";
import { freePort } from "../free-port.ts";
import { type Room, createControlRoomApp } from "./app.ts";
import { createJournal } from "./journal.ts";
import { createObserver } from "./observe.ts";
import { createParts } from "./parts.ts";

export interface ControlRoom {
  url: string;
  /** Variables for the replicas: the page's editors connect to them from another origin, the control room's. */
  env: { CLIENT_ORIGIN: string };
  /** Whether the wanted port is taken, so that another one is used. */
  isElsewhere: boolean;
  /** From here on it shows this cluster. */
  show: (cluster: LocalCluster) => void;
  /** To be called before the cluster is stopped: the ends of its processes are then not reported. */
  close: () => void;
}

/**
 * Opens the control room on loopback, before the cluster is there: the replicas must know its origin.
 *
 * @param wantedPort if it is taken, or 0, another one is used.
 */
export async function openControlRoom(wantedPort: number): Promise<ControlRoom> {
  let room: Room | undefined;
  let port = 0;
  const app = createControlRoomApp(
    () => port,
    () => room,
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
      const documentId = `control-room-${Math.random().toString(36).slice(2, 8)}`;
      room = { parts, observer, journal, clusterPort: cluster.caddy.port, documentId };
    },
    close() {
      room?.parts.close();
      room?.observer.stop();
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
    },
  };
}
