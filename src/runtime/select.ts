import type { Runtime } from "./contract.ts";

/** The runtime this process runs on. Loads only that one's code. */
export async function selectRuntime(): Promise<Runtime> {
  const { bun, deno, node } = process.versions;
  if (bun) {
    const { createBunServer } = await import("./bun.ts");
    return { name: `bun ${bun}`, createServer: createBunServer };
  }
  const { createNodeServer } = await import("./node.ts");
  return { name: deno ? `deno ${deno}` : `node ${node}`, createServer: createNodeServer };
}
