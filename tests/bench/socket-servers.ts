import { waitFor } from "../../deploy/local/process.ts";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { inLab } from "./lab.ts";
import { type Program, cpuUs } from "../support/program.ts";
import type { Contender, Figures, RunOptions } from "./scenario.ts";

/** A server that sends to rooms, alone, and how to start it. */
export interface SocketServer {
  name: string;
  runtime: RuntimeName;
  file: URL;
  env?: Record<string, string>;
}

const trimaran = (runtime: RuntimeName): SocketServer => ({
  name: `Trimaran on ${runtime}`,
  runtime,
  file: new URL("servers/trimaran.ts", import.meta.url),
});

export const servers = {
  trimaranNode: trimaran("node"),
  trimaranBun: trimaran("bun"),
  trimaranDeno: trimaran("deno"),
  stockNode: {
    name: "Socket.IO on node",
    runtime: "node",
    file: new URL("servers/stock.ts", import.meta.url),
  },
  stockBun: {
    name: "Socket.IO on bun's engine",
    runtime: "bun",
    file: new URL("servers/stock.ts", import.meta.url),
    env: { ENGINE: "bun" },
  },
  stockDeno: {
    name: "Socket.IO on deno",
    runtime: "deno",
    file: new URL("servers/stock.ts", import.meta.url),
  },
  rawBun: { name: "Bun.serve publish", runtime: "bun", file: new URL("servers/raw-bun.ts", import.meta.url) },
  rawNode: { name: "ws on node", runtime: "node", file: new URL("servers/raw-ws.ts", import.meta.url) },
  rawDeno: { name: "ws on deno", runtime: "deno", file: new URL("servers/raw-ws.ts", import.meta.url) },
} satisfies Record<string, SocketServer>;

/** A server and its members, each in a process of its own. */
export interface Stage {
  server: Program;
  members: Program;
  options: RunOptions;
}

/** A generator that is this busy is what is measured, not the server. */
const busyShare = 0.85;

/** Starts the server and its members for one run, and stops both whatever happens. */
export function contender(
  server: SocketServer,
  members: (options: RunOptions) => { count: number; rooms: number },
  run: (stage: Stage) => Promise<Figures>,
): Contender {
  return {
    name: server.name,
    run: (options) =>
      inLab(options, async (lab) => {
        const program = await lab.program(server);
        const generator = await lab.program({
          runtime: "node",
          file: new URL("load/members.ts", import.meta.url),
        });
        const port = await program.call<number>("port");
        const { count, rooms } = members(options);
        await generator.call("open", { port, count, rooms });
        await waitFor(
          "all are in",
          async () => (await program.call<number>("connections")) === count,
          30_000,
        );
        return run({ server: program, members: generator, options });
      }),
  };
}

/** Does `work`, and tells what it cost the server; notes when the members were the slower part. */
export async function costOf(
  { server, members, options }: Stage,
  work: () => Promise<void>,
): Promise<number> {
  const startedAt = performance.now();
  const before = [cpuUs(server.process.pid), cpuUs(members.process.pid)] as const;
  await work();
  const wallUs = (performance.now() - startedAt) * 1000;
  const [serverUs, membersUs] = [
    cpuUs(server.process.pid) - before[0],
    cpuUs(members.process.pid) - before[1],
  ];
  if (membersUs > wallUs * busyShare)
    options.note(`the load generator was at ${Math.round((membersUs / wallUs) * 100)} % of a core`);
  return serverUs;
}
