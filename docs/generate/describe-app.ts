import { pino } from "pino";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { Feature } from "../../src/platform/contract/define.ts";
import type { OpenApi } from "../../src/platform/http/openapi.ts";
import { selectRuntime } from "../../src/platform/runtime/select.ts";

/** The routes of a whole app, as it describes them. @param features those of features.ts if left out. */
export async function describeApp(features?: readonly Feature[]): Promise<OpenApi> {
  const config = readConfig({ DATA_FILE: ":memory:" });
  const parts = { log: pino({ level: "silent" }), runtime: await selectRuntime(config) };
  const app = createApp(config, { ...parts, ...(features && { features }) });
  try {
    const answer = await app.http.request("/api/openapi.json", {}, { remoteAddress: undefined });
    return (await answer.json()) as OpenApi;
  } finally {
    await app.close();
  }
}
