import { waitFor } from "../../../deploy/local/process.ts";
import { connect } from "../../../src/client/index.ts";
import { importOfFeatures } from "../../support/of-features.ts";
import type { ActivityOptions, Bystander, FeatureActivity } from "./activity.ts";
import { createTalking } from "./talking.ts";

/*
 * A process of its own, so that what attackers do to theirs is not measured: two clients that use the server all the
 * time. `bystanders.ts URL [OPTIONS]` writes a line of JSON for every line it reads.
 */

/** What the two saw since the last report. */
export interface Report {
  samples: number;
  p99Ms: number;
  maxMs: number;
  /** What is not as it would be without attackers. */
  damage: string[];
}

/** So much they do during an attack, at least. */
const minSamples = 100;

export interface BystanderOptions {
  /** Between two turns: the server has some of its time left. */
  pauseMs: number;
  /** Of Ada and Grace, where the server asks for one. */
  tokens?: [string, string];
}

const [url = "", options = '{"pauseMs":4}'] = process.argv.slice(2);
const { pauseMs, tokens } = JSON.parse(options) as BystanderOptions;
const damage: string[] = [];
let latencies: number[] = [];

function bystander(name: string, token: string | undefined): Bystander {
  const socket = connect(url, {
    name,
    ...(token !== undefined && { token }),
    forceNew: true,
    transports: ["websocket"],
    extraHeaders: { "X-Forwarded-For": `198.51.100.${name.length}` },
  });
  socket.on("disconnect", (reason) => damage.push(`${name} was disconnected: ${reason}`));
  return { name, socket };
}

const common: ActivityOptions = {
  url,
  room: `bystanders-${Math.random().toString(36).slice(2)}`,
  headers: { ...(tokens && { authorization: `Bearer ${tokens[0]}` }) },
  bystanders: [bystander("Ada", tokens?.[0]), bystander("Grace", tokens?.[1])],
  async timed(action) {
    const startedAt = performance.now();
    await action();
    latencies.push(performance.now() - startedAt);
  },
  onDamage: (what) => void damage.push(what),
};
const ofFeatures = await importOfFeatures<FeatureActivity>("security/activity.ts");
const activities = [
  createTalking(common),
  ...ofFeatures.map(({ createActivity }, index) =>
    createActivity({ ...common, room: `${common.room}-${index}` }),
  ),
];

async function report(): Promise<Report> {
  for (const { compare } of activities) await compare();
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(sorted.length * share) - 1] ?? 0);
  const result = { samples: sorted.length, p99Ms: at(0.99), maxMs: at(1), damage: damage.splice(0) };
  latencies = [];
  return result;
}

/** What is asked for: a `report` of enough samples, or of all there are, to start anew. */
const asked: string[] = [];
process.stdin.setEncoding("utf8").on("data", (text: string) => {
  asked.push(...text.split("\n").filter(Boolean));
});
process.stdin.on("end", () => process.exit(0));

await waitFor("both are members", () => activities.every(({ isReady }) => isReady()));
console.log("ready");
for (let index = 0; ; index += 1) {
  if (asked[0] === "anew" || (asked[0] === "report" && latencies.length >= minSamples)) {
    asked.shift();
    const told = await report().catch((error: unknown) => ({
      samples: 0,
      p99Ms: 0,
      maxMs: 0,
      damage: [String(error)],
    }));
    console.log(JSON.stringify(told));
  }
  for (const { turn } of activities)
    await turn(index, index % 2).catch((error: unknown) => damage.push(String(error)));
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
}
