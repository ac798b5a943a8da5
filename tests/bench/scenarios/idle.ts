import { waitFor } from "../../../deploy/local/process.ts";
import { inLab } from "../lab.ts";
import { residentBytes } from "../../support/program.ts";
import type { Contender, Goal, Scenario } from "../scenario.ts";
import { type SocketServer, servers } from "../socket-servers.ts";

const kilobytes: Record<string, number> = { node: 12, bun: 5, deno: 12 };

/** Resident bytes that a connection adds, after collecting garbage: the first ones pay for the code. */
const idle = (server: SocketServer): Contender => ({
  name: server.name,
  run: (options) =>
    inLab(options, async (lab) => {
      const program = await lab.program(server);
      const generator = await lab.program({
        runtime: "node",
        file: new URL("../load/members.ts", import.meta.url),
      });
      const port = await program.call<number>("port");
      const settled = async (count: number) => {
        const areIn = async () => (await program.call<number>("connections")) === count;
        await waitFor("all are in", areIn, 30_000);
        await program.call("collect");
        return residentBytes(program.process.pid);
      };
      const [first, more] = options.quick ? [200, 600] : [1000, 10_000];
      await generator.call("open", { port, count: first, rooms: first / 50 });
      const before = await settled(first);
      await generator.call("open", { port, count: more, rooms: more / 50 });
      return { bytesPerConnection: ((await settled(first + more)) - before) / more };
    }),
});

const ours = [servers.trimaranNode, servers.trimaranBun, servers.trimaranDeno];

export const idleScenario: Scenario = {
  name: "idle",
  title: "Idle connections: 10,000, after garbage collection",
  // Memory hardly differs from run to run.
  rounds: 1,
  contenders: [
    ...ours,
    servers.stockNode,
    servers.stockBun,
    servers.stockDeno,
    servers.rawNode,
    servers.rawBun,
    servers.rawDeno,
  ].map(idle),
  goals: ours.map(({ name, runtime }): Goal => ({
    title: `${name}: at most ${kilobytes[runtime]} KB`,
    figure: "bytesPerConnection",
    of: name,
    atMost: (kilobytes[runtime] ?? 0) * 1024,
  })),
};
