import { createApp } from "./app.ts";
import { readConfig } from "./config.ts";
import { selectRuntime } from "./platform/runtime/select.ts";
import type { Feature } from "./platform/contract/define.ts";
import { StartupError } from "./platform/util/errors.ts";
import { createLogger } from "./platform/observability/log.ts";
import { logUncaught } from "./platform/observability/uncaught.ts";
import { version } from "./platform/util/version.ts";

/* The process: reads the environment, creates the app, listens, handles signals. Nothing else does. */

const help = `Starts the server, until Ctrl-C or SIGTERM. Settings are environment variables: .env.example has all of them.

  npm start -- [options]

  --help     this text`;

const listenErrors: Record<string, string> = {
  EADDRINUSE: "is in use by another process; stop that, or choose another PORT",
  EACCES: "may not be used by this user; choose a PORT above 1023",
  EADDRNOTAVAIL: "is not an address of this machine; check HOST",
  ENOTFOUND: "is not an address of this machine; check HOST",
};

async function main(features: readonly Feature[]): Promise<void> {
  const config = readConfig(process.env, features);
  const format = config.log.format ?? (process.stdout.isTTY ? "pretty" : "json");
  const log = (await createLogger({ level: config.log.level, format })).child({ node: config.nodeId });
  const runtime = await selectRuntime(config);
  // Nothing of it is loaded when it is off.
  const tracing = config.tracing
    ? (await import("./platform/observability/otlp.ts")).startTracing({ nodeId: config.nodeId, version, log })
    : undefined;
  const app = createApp(config, { log, runtime, features });
  logUncaught({ log, count: app.observability.metrics.countUncaught });

  // Before it listens: a program that sees the port open may send a signal at once.
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ signal }, "stopping; press Ctrl-C again to stop at once");
    const closed = app.close().then(() => tracing?.stop());
    closed.then(
      () => process.exit(0),
      (error: unknown) => {
        log.error({ err: error }, "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGINT", () => stop("SIGINT"));

  const port = await app.listen().catch((error: NodeJS.ErrnoException) => {
    const reason = listenErrors[error.code ?? ""];
    if (!reason) throw error;
    throw new StartupError(`Cannot listen: ${config.host}:${config.port} ${reason}.`, { cause: error });
  });
  if (!config.tokens)
    log.warn(
      "every client may enter: set AUTH_SECRET, AUTH_PUBLIC_KEY or AUTH_JWKS_URL to have users sign in",
    );
  const shownHost = ["0.0.0.0", "::"].includes(config.host) ? "localhost" : config.host;
  log.info(
    { port, mode: app.mode(), runtime: runtime.name },
    `Trimaran listens on http://${shownHost}:${port}`,
  );
}

/** Runs a server with these features until a signal ends it. A problem at the start is printed, and ends the process. */
export async function runProcess(features: readonly Feature[]): Promise<void> {
  const args = process.argv.slice(2);
  if (args.length > 0) {
    const isHelp = args.every((arg) => arg === "--help" || arg === "-h");
    if (isHelp) console.log(help);
    else console.error(`The server takes no ${args.join(" ")}\n\n${help}`);
    process.exit(isHelp ? 0 : 1);
  }
  await main(features).catch((error: unknown) => {
    // A StartupError has a message that an operator can act on. Any other error is a bug and keeps its stack.
    console.error(error instanceof StartupError ? error.message : error);
    process.exit(1);
  });
}
