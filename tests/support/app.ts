import { join } from "node:path";
import { after, before } from "node:test";
import { pino } from "pino";
import { createApp } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import type { Feature } from "../../src/platform/contract/define.ts";
import { selectRuntime } from "../../src/platform/runtime/select.ts";
import { temporaryFolder } from "./folder.ts";

/** The server in this process, with these features alone. */
export function useApp(
  features: readonly Feature[],
  env: Record<string, string> = {},
  log = pino({ level: "warn" }, pino.destination(2)),
): () => string {
  const folder = temporaryFolder();
  let app: ReturnType<typeof createApp> | undefined;
  let port = 0;
  before(async () => {
    const config = readConfig(
      { HOST: "127.0.0.1", PORT: "0", DATA_FILE: join(folder, "data.sqlite"), ...env },
      features,
    );
    app = createApp(config, { log, runtime: await selectRuntime(config), features });
    port = await app.listen();
  });
  after(() => app?.close());
  return () => `http://127.0.0.1:${port}`;
}
