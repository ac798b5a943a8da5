import { pino } from "pino";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { Feature } from "../../src/platform/contract/define.ts";
import { selectRuntime } from "../../src/platform/runtime/select.ts";

interface LogLine {
  level: number;
  msg: string;
  feature?: string;
  part?: string;
  err?: { message: string };
}

/** A server in this process that is created by the test itself, with what it logs. */
export async function prepareApp(features: readonly Feature[], env: Record<string, string> = {}) {
  const config = readConfig({ HOST: "127.0.0.1", PORT: "0", DATA_FILE: ":memory:", ...env }, features);
  const lines: LogLine[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as LogLine);
  const parts = { log: pino({ level: "warn" }, { write }), runtime: await selectRuntime(config), features };
  return { lines, config, parts, create: () => createApp(config, parts) };
}
