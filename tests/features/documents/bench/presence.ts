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
import type { Observed, Observers, ObserversTally } from "./load/observers.ts";
import type { Figures, RunOptions, Scenario } from "../../../bench/scenario.ts";

const writers = 5;
const cursorEveryMs = 500;
const editEveryMs = 200;
const deliveredWithinMs = 30_000;

/** Cursors of many, and edits of a few among them: none of which may be late or lost. */
function run(server: DocumentServer, options: RunOptions): Promise<Figures> {
  const { quick, seed, note, problem } = options;
  const count = quick ? 45 : 500;
  return inLab(options, async (lab) => {
    const cluster = await startDocumentCluster(lab, server);
    const observers = await lab.program({
      runtime: "node",
      file: new URL("./load/observers.ts", import.meta.url),
    });
    await observers.call("open", {
      ports: cluster.ports,
      observers: count,
      writers,
      seed,
    } satisfies Observers);
    const observe = (forMs: number) =>
      observers.call("observe", { forMs, cursorEveryMs, editEveryMs, seed } satisfies Observed);
    // Until the code is compiled.
    await observe(quick ? 500 : 2500);

    const usedByServers = watchCluster(cluster);
    const used = watchCpu({ observers: observers.process.pid });
    await observe(quick ? 2000 : 9000);
    const serversUs = usedByServers();
    const { us, elapsedUs } = used();
    noteBusyGenerator("observers", us.observers, elapsedUs, note);
    const tally = () => observers.call<ObserversTally>("tally");
    const { presencePackets } = await tally();
    await waitFor("all is seen", async () => (await tally()).undelivered === 0, deliveredWithinMs).catch(
      () => undefined,
    );
    const { delaysMs, undelivered, lost } = await tally();
    if (undelivered > 0) problem(`${undelivered} edits were not seen`);
    if (lost > 0) problem(`${lost} observers were disconnected`);
    await observers.call("close");
    const sorted = delaysMs.toSorted((a, b) => a - b);
    return {
      medianMs: percentile(sorted, 0.5),
      p99Ms: percentile(sorted, 0.99),
      undelivered,
      presencePacketsPerSecond: (presencePackets / elapsedUs) * 1_000_000,
      cpuPercent: (serversUs / elapsedUs) * 100,
    };
  });
}

const { hocuspocus: _, ...ours } = documentServers;

export const presenceScenario: Scenario = {
  name: "presence",
  title: "Presence: 500 move their cursors in one document on three servers, and 5 write",
  rounds: 1,
  amounts: ["presencePacketsPerSecond"],
  contenders: Object.values(ours).map((server) => ({
    name: server.name,
    run: (options) => run(server, options),
  })),
  goals: Object.values(ours).flatMap(({ name }) => [
    {
      title: `${name}: 99 of 100 edits are seen within 100 ms`,
      figure: "p99Ms",
      of: name,
      atMost: 100,
    },
    { title: `${name}: every edit is seen by all`, figure: "undelivered", of: name, atMost: 0 },
  ]),
};
