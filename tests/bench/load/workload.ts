import { setTimeout as passes } from "node:timers/promises";
import { deliveries } from "../../faults/deliveries.ts";
import { createRandom } from "../../support/random.ts";
import { type Workload, createWorkload } from "../../faults/workload.ts";
import { serveCommands } from "../../support/commands.ts";
import { speech } from "../source.ts";

/* The load of the fault suite: members of one room who speak, and do what features do. */

export interface Work {
  url: string;
  members: number;
  forMs: number;
  seed: number;
}

export interface Worked {
  messages: number;
  /** Messages that a member did not get. */
  lost: number;
  doubled: number;
}

let workload: Workload | undefined;

serveCommands({
  async work({ url, members, forMs, seed }: Work): Promise<Worked> {
    workload = createWorkload({ random: createRandom(seed), url: () => url, members, speech });
    await workload.join();
    workload.start();
    await passes(forMs);
    await workload.settle([url]);
    const { lost, told, doubled } = deliveries(workload.history);
    return {
      messages: workload.history.messages.length,
      lost: lost.length + told.length,
      doubled: doubled.length,
    };
  },
  close: () => workload?.close(),
});
