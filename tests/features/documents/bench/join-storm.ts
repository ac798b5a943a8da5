import { existsSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../../../../deploy/local/process.ts";
import { noteBusyGenerator, watchCpu } from "../../../bench/cpu.ts";
import { type DocumentServer, documentServers } from "./document-servers.ts";
import { type Lab, inLab } from "../../../bench/lab.ts";
import type { Joiners, Storm, Stormed } from "./load/joiners.ts";
import type { Put, PutDocument } from "./load/people.ts";
import { type Program, peakResidentBytes, residentBytes } from "../../../support/program.ts";
import type { Figures, RunOptions, Scenario } from "../../../bench/scenario.ts";

const documentId = "bench-large";
const megabyte = 2 ** 20;
const withinMs = 45_000;

/**
 * Many join a large document at the same time, on a server that has yet to read it.
 *
 * One client brought it to an earlier process of that server. The one that is measured is fresh: bringing
 * the document took more memory than reading it does, and its peak would hide that of the storm.
 */
function run(server: DocumentServer, options: RunOptions): Promise<Figures> {
  const { quick, seed, note, problem } = options;
  const count = quick ? 50 : 1000;
  const documentBytes = quick ? 500_000 : 4_000_000;
  return inLab(options, async (lab) => {
    const file = join(lab.folder(), "store");
    const { characters } = await putDocument(lab, server, file, { documentBytes, seed });

    const program = await startServer(lab, server, file);
    const joiners = await lab.program({
      runtime: "node",
      file: new URL("./load/joiners.ts", import.meta.url),
    });
    const port = await program.call<number>("port");
    await joiners.call("open", { server: server.kind, port, count } satisfies Joiners);
    await program.call("collect");
    const before = residentBytes(program.process.pid);
    const used = watchCpu({ server: program.process.pid, joiners: joiners.process.pid });
    const storm: Storm = { documentId, characters, withinMs };
    const { medianMs, lastMs, failed, reason } = await joiners.call<Stormed>("storm", storm);
    const { us, elapsedUs } = used();
    if (failed > 0) problem(`${failed} of ${count} did not get the document: ${reason}`);
    noteBusyGenerator("joiners", us.joiners, elapsedUs, note);
    return {
      medianMs,
      // Whoever did not get it counts as long as was waited.
      lastMs: failed > 0 ? withinMs : lastMs,
      peakGrowthMb: (peakResidentBytes(program.process.pid) - before) / megabyte,
      cpuMs: us.server / 1000,
    };
  });
}

/** Has one client bring the document, and everything stopped that this took. */
async function putDocument(
  lab: Lab,
  server: DocumentServer,
  file: string,
  document: Omit<Put, "port" | "documentId">,
): Promise<PutDocument> {
  const program = await startServer(lab, server, file);
  const people = await lab.program({ runtime: "node", file: server.people });
  const port = await program.call<number>("port");
  const put = await people.call<PutDocument>("put", { port, documentId, ...document } satisfies Put);
  // Hocuspocus stores when the last one has left.
  if (server.kind === "Hocuspocus") await waitFor("the document is stored", () => existsSync(file));
  await people.stop();
  await program.stop();
  return put;
}

function startServer(lab: Lab, { kind, runtime }: DocumentServer, file: string): Promise<Program> {
  return kind === "Trimaran"
    ? lab.program({
        runtime,
        file: new URL("../../../bench/servers/trimaran.ts", import.meta.url),
        env: { DATA_FILE: file },
      })
    : lab.program({
        runtime,
        file: new URL("./servers/hocuspocus.mjs", import.meta.url),
        env: { STORE_FILE: file },
      });
}

const { hocuspocus, ...ours } = documentServers;

export const joinStormScenario: Scenario = {
  name: "join-storm",
  title: "Join storm: 1,000 clients join one document of 4 MB, on one server",
  rounds: 1,
  contenders: Object.values(documentServers).map((server) => ({
    name: server.name,
    peers: server.peers,
    run: (options) => run(server, options),
  })),
  goals: Object.values(ours).flatMap(({ name }) => [
    {
      title: `until the last has the document: ${name} / ${hocuspocus.name}`,
      figure: "lastMs",
      of: name,
      to: hocuspocus.name,
      atMost: 1 / 3,
    },
    {
      title: `memory that the storm takes: ${name} / ${hocuspocus.name}`,
      figure: "peakGrowthMb",
      of: name,
      to: hocuspocus.name,
      atMost: 1 / 3,
    },
  ]),
};
