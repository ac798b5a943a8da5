import { fault, has, ratio } from "../results.ts";
import { table } from "../table.ts";

/** What Trimaran does that others don't, each with what was measured and under which condition. */
export default function measured(): string {
  const hang = fault("redis-stopped");
  const reconnects = fault("reconnects");
  const everything = fault("everything-killed");
  const text = (of: string, to: string) => ratio("fan-out", `text: Trimaran on ${of} / Socket.IO on ${to}`);
  const alone = (of: string, to: string) =>
    ratio("fan-out", `sparse: never slower than stock: Trimaran on ${of} / Socket.IO on ${to}`);

  return table(
    ["what it does", "measured", "condition"],
    [
      [
        "**Works on while Redis is down.** Each replica stores changes and pushes on its own disk and shares them when Redis is up",
        `${hang.delivered} messages delivered, ${hang.lost} lost, ${hang.doubled} doubled, ${hang.reordered} out of order; clients of one replica got them within ${hang.localP99Ms} ms (p99)`,
        "Redis hangs (SIGSTOP) for 15 s",
      ],
      [
        "**Recovers clients on any replica.** A client that was disconnected for up to two minutes gets what it missed exactly once; where that is not possible, `recovered` is false",
        `${reconnects.recovered} reconnects recovered; of ${reconnects.delivered} messages ${reconnects.lost} lost, ${reconnects.doubled} doubled`,
        "reconnects under 100 messages a second",
      ],
      [
        "**Acknowledges only what survives.** An acknowledged change or message is in Redis' append-only file or on the replica's disk, and the other replicas will get it",
        `${everything.delivered} messages delivered, ${everything.lost} lost; ${everything.recovered} clients recovered`,
        "three replicas and Redis killed at the same time, and started again",
      ],
      [
        "**Delivers cheaply.** Frames are made once for a room, with one write for each client and turn of the event loop (Node, Deno), or are published to native topics (Bun)",
        `in bursts of ten ${text("node", "node")} (Node), ${text("deno", "deno")} (Deno), ${text("bun", "node")} (Bun) of the processor time of stock Socket.IO; one at a time ${alone("node", "node")}, ${alone("deno", "deno")}, ${alone("bun", "node")}`,
        "1,000 clients in rooms of 50; stock Socket.IO on Node for Bun, else on the same runtime",
      ],
      ...(has("join-storm") ? [crowd()] : []),
    ],
  );
}

function crowd(): string[] {
  const storm = (runtime: string) =>
    ratio("join-storm", `until the last has the document: Trimaran on ${runtime} / Hocuspocus on node`);
  return [
    "**Opens a document once for many clients.** Clients that join at the same time share one load and one merge",
    `${storm("node")} (Node), ${storm("bun")} (Bun), ${storm("deno")} (Deno) of the time of Hocuspocus until the last client has it`,
    "1,000 clients, 4 MB, one server",
  ];
}
