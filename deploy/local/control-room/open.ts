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
  /** Origins its page has, for the replicas' `CLIENT_ORIGIN`. */
  origins: string[];
  /** Whether another port than the wanted one is used, because somebody has that. */
  isElsewhere: boolean;
  /** From here on it shows this cluster. */
  show: (cluster: LocalCluster) => void;
  /** To be called before the cluster is stopped: what ends then is no news. */
  close: () => void;
}

/**
 * Opens the control room on loopback, before the cluster is there: the replicas must know its origin.
 *
 * @param wantedPort a free one is taken instead if somebody has it, or if it is 0.
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
    origins: [`http://localhost:${port}`, `http://127.0.0.1:${port}`],
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
