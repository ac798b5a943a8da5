import { join } from "node:path";
import { after } from "node:test";
import { type Replica, startReplica } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "./folder.ts";

/** Servers by their names, each on its port and with its data again when it is started again. */
export function useRestartable(): (name: string, env?: Record<string, string>) => Promise<Replica> {
  const folder = temporaryFolder();
  const servers = new Map<string, Replica>();
  after(() => Promise.all([...servers.values()].map(({ process }) => process.stop())));

  return async (name, env = {}) => {
    const before = servers.get(name);
    if (before?.process.isRunning()) return before;
    const started = await startReplica({
      runtime: "node",
      env: { DATA_FILE: join(folder, `${name}.sqlite`), PORT: String(before?.port ?? 0), ...env },
    });
    servers.set(name, started);
    return started;
  };
}
