import { waitFor } from "../../../../deploy/local/process.ts";
import { noteBusyGenerator, watchCpu } from "../../../bench/cpu.ts";
import {
  type DocumentServer,
  documentServers,
  startDocumentCluster,
  watchCluster,
} from "./document-servers.ts";
import { percentile } from "../../../bench/figures.ts";
import { inLab } from "../../../bench/lab.ts";
import type { EditTally } from "./load/edits.ts";
import type { People, Typing } from "./load/people.ts";
import type { Figures, Goal, RunOptions, Scenario } from "../../../bench/scenario.ts";

const peopleOfDocument = 10;
const deliveredWithinMs = 30_000;

/** Everyone types; how long until all others in the document see it, and what it costs all servers together. */
function run(server: DocumentServer, options: RunOptions): Promise<Figures> {
  const { quick, seed, note, problem } = options;
  const documents = quick ? 3 : 20;
  const measuredMs = quick ? 2000 : 9000;
  return inLab(options, async (lab) => {
    const cluster = await startDocumentCluster(lab, server);
    const people = await lab.program({ runtime: "node", file: server.people });
    await people.call("open", {
      ports: cluster.ports,
      documents,
      count: documents * peopleOfDocument,
    } satisfies People);
    const everyMs = quick ? 500 : 2000;
    const type = (typing: Omit<Typing, "everyMs">) => people.call("type", { everyMs, ...typing });
    // Until the code is compiled.
    await type({ seed, forMs: quick ? 500 : 2500 });

    const usedByServers = watchCluster(cluster);
    const used = watchCpu({ people: people.process.pid });
    await type({ seed: seed + 1, forMs: measuredMs });
    const serversUs = usedByServers();
    const { us, elapsedUs } = used();
    noteBusyGenerator("people", us.people, elapsedUs, note);
    const tally = () => people.call<EditTally>("tally");
    await waitFor("all is seen", async () => (await tally()).undelivered === 0, deliveredWithinMs).catch(
      () => undefined,
    );
    const { edits, delaysMs, undelivered } = await tally();
    if (undelivered > 0) problem(`${undelivered} of ${edits} edits were not seen by all`);
    await people.call("close");
    const sorted = delaysMs.toSorted((a, b) => a - b);
    return {
      medianMs: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
      cpuUsPerEdit: serversUs / edits,
    };
  });
}

const { hocuspocus, ...ours } = documentServers;

const figures: [figure: string, title: string][] = [
  ["medianMs", "median time until an edit is seen"],
  ["p99Ms", "99th percentile of it"],
  ["cpuUsPerEdit", "processor time per edit"],
];

export const typingScenario: Scenario = {
  name: "typing",
  title: "Typing: 200 people in 20 documents on three servers, until all others in a document see an edit",
  rounds: 2,
  contenders: Object.values(documentServers).map((server) => ({
    name: server.name,
    peers: server.peers,
    run: (options) => run(server, options),
  })),
  goals: Object.values(ours).flatMap(({ name }) =>
    figures.map(([figure, title]): Goal => ({
      title: `${title}: ${name} / ${hocuspocus.name}`,
      figure,
      of: name,
      to: hocuspocus.name,
      atMost: 1,
    })),
  ),
};
