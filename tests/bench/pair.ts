import { waitFor } from "../../deploy/local/process.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import type { Program } from "../support/program.ts";
import { ownPeers } from "./install.ts";
import type { Lab } from "./lab.ts";

const files = {
  Trimaran: new URL("servers/trimaran.ts", import.meta.url),
  "streams adapter": new URL("servers/stock-streams.mjs", import.meta.url),
  "pub/sub adapter": new URL("servers/stock-pubsub.mjs", import.meta.url),
  "Redis client alone": new URL("servers/raw-stream.ts", import.meta.url),
};

export interface PairOptions {
  server: keyof typeof files;
  runtime: RuntimeName;
}

/** Two servers that act as one through Redis: what one sends, a member of a room on the other gets. */
export interface Pair {
  sender: Program;
  receiver: Program;
  /** Where the member is: `load/listener.ts`. */
  listener: Program;
  pids: Record<"sender" | "receiver" | "redis" | "listener", number>;
}

/** The pub/sub adapter does not come with the project. */
export const peersOf = ({ server }: PairOptions) => (server === "pub/sub adapter" ? ownPeers : undefined);

export function nameOf({ server, runtime }: PairOptions): string {
  return `${server} on ${runtime}`;
}

/** Starts them, each in a process of its own. Resolves when messages get across. */
export async function startPair(lab: Lab, { server, runtime }: PairOptions): Promise<Pair> {
  const redis = await lab.redis();
  const env = { REDIS_URL: redis.url, ...(runtime === "bun" && { ENGINE: "bun" }) };
  const [sender, receiver, listener] = await Promise.all([
    lab.program({ runtime, file: files[server], env }),
    lab.program({ runtime, file: files[server], env }),
    lab.program({ runtime: "node", file: new URL("load/listener.ts", import.meta.url) }),
  ]);
  await sender.call("port");
  await listener.call("open", { port: await receiver.call<number>("port") });
  await waitFor(
    "a message gets across",
    async () => {
      await sender.call("probe");
      return listener.call<boolean>("isReached");
    },
    30_000,
  );
  const pids = {
    sender: sender.process.pid,
    receiver: receiver.process.pid,
    redis: redis.process.pid,
    listener: listener.process.pid,
  };
  return { sender, receiver, listener, pids };
}
