import type { Mode, TrimaranClient } from "../client/index.ts";
import { banner } from "./banners.ts";
import { find } from "./dom.ts";
import { createReplicaList } from "./replicas.ts";
import { plural } from "./room-name.ts";

/** Which replica serves this page, and in what mode. @param noun what the server keeps for the members of a room, if it keeps something. */
export function bindServer(socket: TrimaranClient, token: string | undefined, noun?: string): void {
  const explanations: Record<Mode, string> = {
    single: `One server, no Redis.${noun ? ` ${plural(noun)} are kept in its own file.` : ""}`,
    cluster: `The users of all replicas share this ${noun ?? "room"}.`,
    degraded: "This replica works on its own until Redis is up.",
  };
  const replicas = createReplicaList(token);
  socket.on("mode", ({ mode, nodeId, runtime, open }) => {
    find("mode").textContent = mode;
    find("mode").dataset["mode"] = mode;
    find("replica").textContent = nodeId;
    find("runtime").textContent = runtime;
    find("mode-hint").textContent = explanations[mode];
    find("open-hint").hidden = !open;
    document.documentElement.dataset["mode"] = mode;
    banner(
      "degraded",
      mode === "degraded"
        ? "Redis is down. You can go on; users on other replicas see your changes when Redis is up."
        : undefined,
    );
    replicas.show(mode === "cluster");
  });
}
