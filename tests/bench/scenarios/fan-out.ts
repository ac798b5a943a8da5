import type { Burst } from "../servers/drive.ts";
import type { Figures, Goal, RunOptions, Scenario } from "../scenario.ts";
import { type SocketServer, type Stage, contender, costOf, servers } from "../socket-servers.ts";

const roomsOf = ({ quick }: RunOptions) => (quick ? 4 : 20);
const membersPerRoom = 50;
const messagesPerRoom = 10;
const bytes = 100;
const withinMs = 60_000;

/** Bursts until so many deliveries were made. @returns microseconds of the server's processor for each. */
async function bursts(stage: Stage, burst: Pick<Burst, "kind" | "to">, deliveries: number): Promise<number> {
  const { server, members, options } = stage;
  const rooms = roomsOf(options);
  const left = { room: 0, "sender-excluded": 1, except: 3 }[burst.to];
  const perBurst = rooms * messagesPerRoom * (membersPerRoom - left);
  const count = Math.ceil(deliveries / perBurst);
  const once = async () => {
    await members.call("reset");
    await server.call("burst", { rooms, messagesPerRoom, bytes, ...burst });
    await members.call("until", { count: perBurst, withinMs });
  };
  // What runs the first time is compiled first.
  for (let warm = 0; warm < (options.quick ? 1 : 3); warm += 1) await once();
  const us = await costOf(stage, async () => {
    for (let index = 0; index < count; index += 1) await once();
  });
  return us / (count * perBurst);
}

async function sparse(stage: Stage, messages: number): Promise<number> {
  const { server, members, options } = stage;
  const rooms = roomsOf(options);
  await members.call("reset");
  const us = await costOf(stage, async () => {
    await server.call("sparse", { messages, rooms, bytes, everyMs: 2 });
    await members.call("until", { count: messages * membersPerRoom, withinMs });
  });
  return us / (messages * membersPerRoom);
}

const fanOut = (server: SocketServer) =>
  contender(
    server,
    (options) => ({ count: roomsOf(options) * membersPerRoom, rooms: roomsOf(options) }),
    async (stage): Promise<Figures> => {
      const deliveries = stage.options.quick ? 20_000 : 200_000;
      return {
        textUsPerDelivery: await bursts(stage, { kind: "text", to: "room" }, deliveries),
        binaryUsPerDelivery: await bursts(stage, { kind: "binary", to: "room" }, deliveries / 2),
        senderExcludedUsPerDelivery: await bursts(
          stage,
          { kind: "text", to: "sender-excluded" },
          deliveries / 2,
        ),
        exceptUsPerDelivery: await bursts(stage, { kind: "text", to: "except" }, deliveries / 2),
        sparseUsPerDelivery: await sparse(stage, stage.options.quick ? 100 : 1000),
      };
    },
  );

function goalsOf(ours: SocketServer, stock: SocketServer, atMost: number): Goal[] {
  const kinds: [figure: string, title: string, atMost: number, to?: SocketServer][] = [
    ["textUsPerDelivery", "text", atMost],
    ["binaryUsPerDelivery", "binary", atMost],
    ["sparseUsPerDelivery", "sparse: never slower than stock", 1],
  ];
  return [
    ...kinds.map(([figure, title, bound]) => ({
      title: `${title}: ${ours.name} / ${stock.name}`,
      figure,
      of: ours.name,
      to: stock.name,
      atMost: bound,
    })),
    {
      title: `sender excluded: ${ours.name}, against all of the room`,
      figure: "senderExcludedUsPerDelivery",
      of: ours.name,
      to: ours.name,
      toFigure: "textUsPerDelivery",
      atMost: 1.2,
    },
  ];
}

export const fanOutScenario: Scenario = {
  name: "fan-out",
  title: "Fan-out in a room: 1,000 clients in rooms of 50, 100 bytes, bursts of 10 to each room",
  rounds: 2,
  contenders: [
    servers.trimaranNode,
    servers.trimaranBun,
    servers.trimaranDeno,
    servers.stockNode,
    servers.stockBun,
    servers.stockDeno,
    servers.rawNode,
    servers.rawBun,
    servers.rawDeno,
  ].map(fanOut),
  goals: [
    ...goalsOf(servers.trimaranBun, servers.stockNode, 1 / 5),
    {
      title: "text: Trimaran on bun, against Bun's own publish",
      figure: "textUsPerDelivery",
      of: servers.trimaranBun.name,
      to: servers.rawBun.name,
      atMost: 1 / 0.9,
    },
    {
      title: "sparse: never slower than stock on bun",
      figure: "sparseUsPerDelivery",
      of: servers.trimaranBun.name,
      to: servers.stockBun.name,
      atMost: 1,
    },
    ...goalsOf(servers.trimaranNode, servers.stockNode, 1 / 3),
    ...goalsOf(servers.trimaranDeno, servers.stockDeno, 1 / 2),
  ],
};
