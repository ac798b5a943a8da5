import { Hono } from "hono";
import type { Access } from "../auth/access.ts";
import type { Answers } from "./answers.ts";
import { describeRoute, forUsers, ok, refusals } from "./describe.ts";
import type { HttpEnv } from "./env.ts";

export interface ReplicaView {
  nodeId: string;
  runtime: string;
  mode: string;
  sockets: number;
  /** Documents with members there, and how many. */
  rooms: Record<string, number>;
}

export interface ClusterSource {
  self: () => ReplicaView;
  /** All live replicas, this one among them; rejects while Redis is away. */
  replicas: (() => Promise<ReplicaView[]>) | undefined;
}

/** Replicas, their runtimes and sockets; for backends, and when the server is open, their rooms. While Redis is away: this one, marked `partial`. */
export function clusterRoutes({ self, replicas }: ClusterSource, { isOpen }: Access, answers: Answers) {
  const app = new Hono<HttpEnv>();
  const about = describeRoute({
    summary: "Replicas, with rooms for backends or when the server is open",
    security: forUsers,
    responses: {
      ...ok("As this replica knows them", { "application/json": {} }),
      ...refusals,
    },
  });
  app.get("/cluster", about, async (c) => {
    const own = self();
    const all = await replicas?.().catch(() => undefined);
    const others = (all ?? []).filter(({ nodeId }) => nodeId !== own.nodeId);
    return answers.json(c, {
      mode: own.mode,
      servedBy: own.nodeId,
      // Own figures are read now, not at the last announcement.
      replicas: [own, ...others]
        .sort((a, b) => a.nodeId.localeCompare(b.nodeId))
        // Which documents there are is not for everybody to know.
        .map((replica) => (isOpen || c.var.caller.isService ? replica : { ...replica, rooms: {} })),
      partial: replicas !== undefined && all === undefined,
    });
  });
  return app;
}
