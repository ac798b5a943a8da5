import { Adapter } from "socket.io-adapter";
import type { FanOut } from "../shared/fan-out.ts";
import type { Runtime } from "./contract.ts";

/** Socket.IO's own: each receiver's turn, one after the other. */
const fanOutPlainly: FanOut = (adapter, packet, options) =>
  Adapter.prototype.broadcast.call(adapter, packet, options);

/**
 * The runtime this process runs on. Loads only that one's code.
 *
 * @param fastPaths whether to send by other means than Socket.IO's own, where they are faster.
 */
export async function selectRuntime({ fastPaths }: { fastPaths: boolean }): Promise<Runtime> {
  const { bun, deno, node } = process.versions;
  if (bun) {
    const { createBunServer } = await import("./bun.ts");
    const { fanOutByTopics } = await import("./bun-fan-out.ts");
    return {
      name: `bun ${bun}`,
      createServer: createBunServer,
      fanOut: fastPaths ? fanOutByTopics : fanOutPlainly,
    };
  }
  const { createNodeServer } = await import("./node.ts");
  const { fanOutToWriters } = await import("./node-fan-out.ts");
  const name = deno ? `deno ${deno}` : `node ${node}`;
  return {
    name,
    createServer: (parts) => createNodeServer(parts, fastPaths),
    fanOut: fastPaths ? fanOutToWriters : fanOutPlainly,
  };
}
