import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { createUsage, readOptions } from "./local/cli.ts";

const help = `Restarts replicas one after the other. Each is restarted when the one before is ready again, in the mode it
was in or a better one, and keeps nothing that only it has. Stops at the first that is not ready in time.

  node deploy/rolling-restart.ts --url http://127.0.0.1:3001 --url http://127.0.0.1:3002 [options]

  --url URL          a replica's own address, not the balancer's; once for each
  --command TEXT     what restarts a replica; {port}, {host} and {url} stand for its address
                     default: systemctl restart trimaran@{port}
  --timeout-s N      how long a replica may take to be ready again (default 60)
  --help             this text

Where replicas have METRICS_TOKEN set, it has to be set here as well.`;

interface Readiness {
  status: string;
  mode: string;
  nodeId: string;
}

const usage = createUsage(help);
const options = readOptions(help, {
  url: { type: "string", multiple: true, default: [] },
  command: { type: "string", default: "systemctl restart trimaran@{port}" },
  "timeout-s": { type: "string", default: "60" },
});
const timeoutMs = Number(options["timeout-s"]) * 1000;
if (!(timeoutMs > 0)) usage(`--timeout-s ${options["timeout-s"]}: a number of seconds`);
if (options.url.length === 0) usage("--url: at least one replica");
const urls = options.url.map((url) => {
  try {
    return new URL(url);
  } catch {
    return usage(`--url ${url}: an address such as http://127.0.0.1:3001`);
  }
});

const { METRICS_TOKEN: token } = process.env;
const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
const ask = (url: URL, path: string) =>
  fetch(new URL(path, url), { headers, signal: AbortSignal.timeout(2000) });

async function readiness(url: URL): Promise<Readiness | undefined> {
  try {
    const response = await ask(url, "/readyz");
    return response.ok ? ((await response.json()) as Readiness) : undefined;
  } catch {
    return undefined;
  }
}

/** The values of metrics, summed over their labels; undefined if it does not answer. */
async function metrics(url: URL, ...names: string[]): Promise<number[] | undefined> {
  try {
    const text = await (await ask(url, "/metrics")).text();
    return names.map((name) =>
      [...text.matchAll(new RegExp(`^${name}(?:{.*})? (\\S+)$`, "gm"))].reduce(
        (sum, [, value]) => sum + Number(value),
        0,
      ),
    );
  } catch {
    return undefined;
  }
}

function fail(problem: string): never {
  console.error(`${problem}\nNo other replica was touched.`);
  process.exit(1);
}

async function waitUntil(what: string, url: URL, isSo: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + timeoutMs;
  while (!(await isSo())) {
    if (performance.now() > until) fail(`${url.host}: ${what} did not happen in ${timeoutMs / 1000} s.`);
    await sleep(200);
  }
}

async function restart(url: URL): Promise<void> {
  const before = await readiness(url);
  const [startedAt] = (await metrics(url, "process_start_time_seconds")) ?? [];
  if (!before || startedAt === undefined) fail(`${url.host} is not ready.`);
  const command = options.command
    .replaceAll("{port}", url.port)
    .replaceAll("{host}", url.hostname)
    .replaceAll("{url}", url.origin);
  const begun = performance.now();
  const { status, signal } = spawnSync("sh", ["-c", command], {
    stdio: ["ignore", "inherit", "inherit"],
    timeout: timeoutMs,
  });
  if (status !== 0) fail(`${url.host}: "${command}" ended with ${status ?? signal}.`);
  await waitUntil("a new process", url, async () => {
    const [now] = (await metrics(url, "process_start_time_seconds")) ?? [];
    return now !== undefined && now !== startedAt;
  });
  await waitUntil(`ready in ${before.mode} mode`, url, async () => {
    const mode = (await readiness(url))?.mode;
    // Redis may be up by now.
    return mode === before.mode || mode === "cluster";
  });
  await waitUntil("an empty journal and outbox", url, async () => {
    const kept = await metrics(url, "trimaran_outbox_entries", "trimaran_journal_documents");
    return kept !== undefined && kept.every((count) => count === 0);
  });
  console.log(
    `${before.nodeId} (${url.host}) is ready again, after ${((performance.now() - begun) / 1000).toFixed(1)} s`,
  );
}

for (const url of urls) if (!(await readiness(url))) fail(`${url.host} is not ready; nothing was restarted.`);
for (const [index, url] of urls.entries()) {
  console.log(`${index + 1} of ${urls.length}: ${url.host}`);
  await restart(url);
}
console.log("All replicas were restarted.");
