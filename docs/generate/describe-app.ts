import { pino } from "pino";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import * as listed from "../../src/features.ts";
import type { Feature } from "../../src/platform/contract/define.ts";
import type { OpenApi } from "../../src/platform/http/openapi.ts";
import { selectRuntime } from "../../src/platform/runtime/select.ts";
import { exampleSettings } from "./example-settings.ts";

/** A whole app that does not listen, for what is read of it. @param features those of features.ts if left out. */
export async function withApp<T>(
  use: (app: ReturnType<typeof createApp>) => T | Promise<T>,
  features: readonly Feature[] = Object.values(listed),
): Promise<T> {
  const config = readConfig({ DATA_FILE: ":memory:", ...exampleSettings(features) }, features);
  const app = createApp(config, {
    log: pino({ level: "silent" }),
    runtime: await selectRuntime(config),
    features,
  });
  try {
    return await use(app);
  } finally {
    await app.close();
  }
}

/** The routes of a whole app, as it describes them. */
export function describeApp(features?: readonly Feature[]): Promise<OpenApi> {
  return withApp(async ({ http }) => {
    const answer = await http.request("/api/openapi.json", {}, { remoteAddress: undefined });
    return (await answer.json()) as OpenApi;
  }, features);
}
