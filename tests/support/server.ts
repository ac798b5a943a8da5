import { join } from "node:path";
import { after, before } from "node:test";
import { type Replica, type RuntimeName, startReplica } from "../../deploy/local/replica.ts";
import { temporaryFolder } from "./folder.ts";

/** A server in `single` mode for the tests of this group: `server().url` once they run. */
export function useServer(runtime: RuntimeName, env: Record<string, string> = {}): () => Replica {
  let replica: Replica | undefined;
  const folder = temporaryFolder();
  before(async () => {
    replica = await startReplica({
      runtime,
      env: { DATA_FILE: join(folder, "data.sqlite"), LOG_LEVEL: "info", ...env },
    });
  });
  after(() => replica?.process.stop());
  return () => {
    if (!replica) throw new Error("the server is started before the tests, not while they are defined");
    return replica;
  };
}

/** A counter's or gauge's value for these labels; 0 if it was never counted. */
export async function metric(
  url: string,
  name: string,
  labels: Record<string, string> = {},
): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const line = text
    .split("\n")
    .find(
      (each) =>
        each.startsWith(`${name}{`) &&
        Object.entries(labels).every(([label, value]) => each.includes(`${label}="${value}"`)),
    );
  return line === undefined ? 0 : Number(line.split(" ").at(-1));
}
