import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as App from "../../src/app.ts";
import type * as Config from "../../src/config.ts";
import type * as Runtime from "../../src/platform/runtime/select.ts";
import { root } from "../../deploy/local/replica.ts";

/*
 * The one file of the benchmark that knows where a server's sources are. The server that is measured comes from
 * this tree or from a checkout of another commit; all else (load generators, server programs, launchers) is always
 * this tree's. Nothing is copied into the other checkout, so it does not matter where that commit keeps its tests
 * and its deployment. When sources move, add the new place before the old one: older commits still have the old one.
 */
const places = {
  main: ["src/main.ts"],
  app: ["src/app.ts"],
  config: ["src/config.ts"],
  runtime: ["src/platform/runtime/select.ts", "src/platform/runtime/select.ts"],
};

/**
 * @param source the folder of a checkout.
 * @throws {Error} when the part is at none of its known places.
 */
function findPart(source: string, part: keyof typeof places): string {
  const found = places[part].map((place) => join(source, place)).find((file) => existsSync(file));
  if (found === undefined)
    throw new Error(`${source} has its ${part} at none of the known places: ${places[part].join(", ")}`);
  return found;
}

/** The file that starts the server of a checkout. */
export const mainOf = (source: string): string => findPart(source, "main");

const load = async (part: keyof typeof places): Promise<unknown> =>
  import(pathToFileURL(findPart(process.env["BENCH_SOURCE"] ?? root, part)).href);

/** The functions that compose a server, of the checkout that BENCH_SOURCE names. */
export async function importServer() {
  const { createApp } = (await load("app")) as typeof App;
  const { readConfig } = (await load("config")) as typeof Config;
  const { selectRuntime } = (await load("runtime")) as typeof Runtime;
  return { createApp, readConfig, selectRuntime };
}
