import * as v from "valibot";
import { create, find } from "./dom.ts";

const everyMs = 5000;

const clusterSchema = v.object({
  servedBy: v.string(),
  replicas: v.array(v.object({ nodeId: v.string(), runtime: v.string(), sockets: v.number() })),
});

/** All replicas with their connections, as long as there can be others. */
export function createReplicaList(token: string | undefined) {
  const list = find("replicas");
  let timer: ReturnType<typeof setInterval> | undefined;

  async function refresh(): Promise<void> {
    // A hidden page asks for nothing.
    if (document.hidden) return;
    try {
      const reply = await fetch("/api/cluster", {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      });
      const { replicas } = v.parse(clusterSchema, await reply.json());
      const own = find("replica").textContent;
      list.hidden = replicas.length < 2;
      list.replaceChildren(
        ...replicas.map(({ nodeId, runtime, sockets }) => {
          const item = create("li", nodeId === own ? "own" : "");
          item.append(
            create("span", "replica-name", nodeId),
            create("span", "replica-runtime", runtime),
            create("span", "replica-sockets", `${sockets} connected`),
          );
          return item;
        }),
      );
    } catch {
      // Unreachable for the moment: what was last known stays.
    }
  }

  return {
    show(isCluster: boolean): void {
      clearInterval(timer);
      list.hidden ||= !isCluster;
      if (!isCluster) return;
      timer = setInterval(refresh, everyMs);
      void refresh();
    },
  };
}
