import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Adapter } from "socket.io-adapter";
import type { FanOut } from "../util/fan-out.ts";
import type { Runtime } from "./contract.ts";

/** Socket.IO's own: each receiver's turn, one after the other. */
const fanOutPlainly: FanOut = (adapter, packet, options) =>
  Adapter.prototype.broadcast.call(adapter, packet, options);

/** On this runtime. What it needs to read is all that it may do on Deno. */
function startScript(file: URL, ...args: string[]) {
  return spawn(process.execPath, [...args, fileURLToPath(file)], { stdio: ["pipe", "pipe", "ignore"] });
}

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
      startScript: (file) => startScript(file),
      fanOut: fastPaths ? fanOutByTopics : fanOutPlainly,
    };
  }
  const { createNodeServer } = await import("./node.ts");
  const { fanOutToWriters } = await import("./node-fan-out.ts");
  const name = deno ? `deno ${deno}` : `node ${node}`;
  return {
    name,
    createServer: (parts) => createNodeServer(parts, fastPaths),
    startScript: (file) =>
      deno ? startScript(file, "run", "--no-prompt", "--allow-read", "--allow-env") : startScript(file),
    fanOut: fastPaths ? fanOutToWriters : fanOutPlainly,
  };
}
