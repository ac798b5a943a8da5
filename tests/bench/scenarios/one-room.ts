import { percentile } from "../figures.ts";
import type { Figures, RunOptions, Scenario } from "../scenario.ts";
import { type SocketServer, contender, servers } from "../socket-servers.ts";

const countOf = ({ quick }: RunOptions) => (quick ? 300 : 5000);

const oneRoom = (server: SocketServer) =>
  contender(
    server,
    (options) => ({ count: countOf(options), rooms: 1 }),
    async ({ server, members, options }): Promise<Figures> => {
      const count = countOf(options);
      const times: number[] = [];
      for (let round = 0; round < (options.quick ? 8 : 23); round += 1) {
        await members.call("reset");
        const sentAt = await server.call<number>("burst", {
          rooms: 1,
          messagesPerRoom: 1,
          bytes: 100,
          kind: "text",
          to: "room",
        });
        times.push((await members.call<number>("until", { count, withinMs: 30_000 })) - sentAt);
      }
      // The first are compiled on the way.
      return {
        lastDeliveryMs: percentile(
          times.slice(3).toSorted((a, b) => a - b),
          0.5,
        ),
      };
    },
  );

const pairs: [ours: SocketServer, stock: SocketServer][] = [
  [servers.trimaranNode, servers.stockNode],
  [servers.trimaranBun, servers.stockBun],
  [servers.trimaranDeno, servers.stockDeno],
];

export const oneRoomScenario: Scenario = {
  name: "one-room",
  title: "One room of 5,000: from sending a message to its last delivery, median of 20",
  rounds: 2,
  contenders: [...pairs.flat(), servers.rawNode, servers.rawBun, servers.rawDeno].map(oneRoom),
  goals: pairs.map(([ours, stock]) => ({
    title: `${ours.name} / ${stock.name}`,
    figure: "lastDeliveryMs",
    of: ours.name,
    to: stock.name,
    atMost: 0.5,
  })),
};
