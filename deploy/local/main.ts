import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { styleText } from "node:util";
import { type Usage, createUsage, readOptions, readPort } from "./cli.ts";
import { startCluster } from "./cluster.ts";
import { isSomebodyThere, showInBrowser } from "./control-room/browser.ts";
import { openControlRoom } from "./control-room/open.ts";
import { type RuntimeName, root, runtimes } from "./replica.ts";
import { caddy, howToInstall, missing, need, redisServer } from "./requirements.ts";

/* `npm run cluster`: Redis, three replicas and Caddy on this machine, and a page to break them with, until Ctrl-C. */

const help = `Starts Redis, three replicas and Caddy on this machine, prints one URL, and opens the control room: a
page that shows all of them at work, and kills, hangs and restarts each.

  npm run cluster -- [options]

  --runtimes LIST              runtimes of the replicas, such as bun,bun,bun  (default: node,bun,deno)
  --port NUMBER                Caddy's port                                   (default: 8080)
  --dir FOLDER                 where replicas and Redis keep their data       (default: data/cluster)
  --install                    install Redis and Caddy if they are missing (Debian, Ubuntu)
  --control-room-port NUMBER   the control room's port; another if it is taken (default: 8090)
  --no-control-room            without it
  --no-open                    do not open it in the browser
  --help                       this text

Ctrl-C stops all of it.`;

const usage: Usage = createUsage(help);

function readCommand() {
  const options = readOptions(help, {
    runtimes: { type: "string", default: "node,bun,deno" },
    port: { type: "string", default: "8080" },
    dir: { type: "string", default: join(root, "data/cluster") },
    "no-control-room": { type: "boolean", default: false },
    "control-room-port": { type: "string", default: "8090" },
    "no-open": { type: "boolean", default: false },
    install: { type: "boolean", default: false },
  });
  const list = options.runtimes.split(",").map((name) => name.trim());
  const unknown = list.filter((name) => !runtimes.includes(name as RuntimeName));
  if (unknown.length > 0)
    usage(`--runtimes: no such runtime: ${unknown.join(", ")}; there are ${runtimes.join(", ")}`);
  const port = readPort(usage, "--port", options.port);
  const roomPort = readPort(usage, "--control-room-port", options["control-room-port"]);
  return { ...options, port, roomPort, runtimes: list as RuntimeName[] };
}

const progress = (text: string) => console.log(styleText("dim", `… ${text}`));

async function main(): Promise<void> {
  const options = readCommand();
  const parts = [redisServer, caddy];
  if (options.install) need(parts);
  const lacking = missing(parts);
  if (lacking.length > 0) {
    console.error(
      `${howToInstall(lacking)}\nOr let this command do it on Debian and Ubuntu: npm run cluster -- --install`,
    );
    process.exit(1);
  }
  await mkdir(options.dir, { recursive: true });

  const room = options["no-control-room"] ? undefined : await openControlRoom(options.roomPort);
  let stopping = false;
  const starting = startCluster({
    runtimes: options.runtimes,
    dir: options.dir,
    // deploy/monitoring/prometheus.yml scrapes these ports.
    replicaPort: 3001,
    // 0 lets the system choose.
    ...(options.port > 0 && { port: options.port }),
    ...(room && { env: room.env }),
    onProgress: progress,
  });
  // Installed before the first process runs: none of them may outlive this one.
  const stop = () => {
    if (stopping) return;
    stopping = true;
    progress("stopping");
    room?.close();
    starting
      .then((started) => started.stop())
      .then(() => process.exit(0))
      .catch(fail);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  const cluster = await starting;
  if (stopping) return;
  room?.show(cluster);

  console.log(`\n  ${styleText("bold", cluster.url)}   open it twice; each window may be on another replica`);
  if (room) {
    const elsewhere = room.isElsewhere ? ` (port ${options.roomPort} is taken)` : "";
    console.log(
      `  ${styleText("bold", room.url)}   the control room: kill any part and keep typing${elsewhere}`,
    );
  }
  console.log("");
  for (const [
    index,
    {
      runtime,
      port,
      process: { pid },
    },
  ] of cluster.replicas.entries()) {
    console.log(`  replica ${index + 1}   ${runtime.padEnd(5)} http://127.0.0.1:${port}   pid ${pid}`);
  }
  console.log(
    `  Redis                redis://127.0.0.1:${cluster.redisPort}   pid ${cluster.redis?.process.pid}`,
  );
  console.log(styleText("dim", "\n  Kill any of them and keep typing. Ctrl-C stops everything.\n"));
  if (room && !options["no-open"] && isSomebodyThere()) showInBrowser(room.url);

  const started = [
    ...cluster.replicas.map((replica) => [`replica ${replica.runtime}`, replica.process] as const),
    ["Caddy", cluster.caddy.process] as const,
  ];
  for (const [name, part] of started) {
    void part.exited.then(({ code, signal }) => {
      if (!stopping) console.log(`  ${name} ended (${signal ?? `exit ${code}`}); the rest goes on`);
    });
  }
}

function fail(error: unknown): void {
  console.error(error);
  process.exit(1);
}

main().catch(fail);
