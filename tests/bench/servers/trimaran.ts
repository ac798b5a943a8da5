import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { unlimited } from "../../support/unlimited.ts";
import { serveCommands } from "../../support/commands.ts";
import { importServer } from "../source.ts";
import { driveServer } from "./drive.ts";

/* The server as it ships, with everything on; rates are those of a load generator at one address. */

const dir = mkdtempSync(join(tmpdir(), "trimaran-bench-"));
process.on("exit", () => rmSync(dir, { recursive: true, force: true }));
process.on("SIGTERM", () => process.exit(0));

const { createApp, readConfig, selectRuntime, parts } = await importServer();
const config = readConfig({
  HOST: "127.0.0.1",
  PORT: "0",
  DATA_FILE: join(dir, "data.sqlite"),
  ...unlimited,
  ...process.env,
});
const runtime = await selectRuntime(config);
const app = createApp(config, {
  log: pino({ level: process.env["LOG_LEVEL"] ?? "error" }, pino.destination(2)),
  runtime,
  ...parts,
});
const port = await app.listen();
serveCommands({ ...driveServer(app.io), port: () => port, mode: () => app.mode() });
