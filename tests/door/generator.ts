import { serveCommands } from "../support/commands.ts";
import { fuzz } from "../security/fuzz.ts";
import { hostileTokens } from "./tokens.ts";
import { createVisitor } from "./visit.ts";
import { visits } from "./visits.ts";

/* Makes visits, in a process of its own so that it takes no time from those who look at the server. */

export interface Visits {
  port: number;
  seed: number;
  count: number;
  /** Where in the sequence of this seed to start: what a failure printed. */
  path?: string | undefined;
}

export interface Visited {
  /** How visits ended, and how many in each way. */
  outcomes: [outcome: string, times: number][];
  withToken: number;
}

/** At the same time: enough that those that wait do not hold up the others. */
const batch = 40;

async function visitAll({ port, seed, count, path }: Visits): Promise<Visited> {
  const visit = createVisitor({ port, ...(await hostileTokens()) });
  let withToken = 0;
  const outcomes = await fuzz({ seed, cases: count, path, batch }, visits, (each) => {
    if (each.user !== undefined) withToken += 1;
    return visit(each);
  });
  return { outcomes: [...outcomes], withToken };
}

serveCommands({ visit: visitAll });
