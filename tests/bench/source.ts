import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type * as App from "../../src/app.ts";
import type * as Config from "../../src/config.ts";
import type * as Features from "../../src/features.ts";
import { type Feature, listFeatures } from "../../src/platform/contract/define.ts";
import type * as Runtime from "../../src/platform/runtime/select.ts";
import type * as Process from "../../src/process.ts";
import { root } from "../../deploy/local/replica.ts";
import { type Speech, talkSpeech } from "../faults/speech.ts";

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
  runtime: ["src/platform/runtime/select.ts", "src/runtime/select.ts"],
  process: ["src/process.ts"],
  features: ["src/features.ts"],
};

/** The checkout whose server a program of the benchmark starts or talks to. */
const ownSource = process.env["BENCH_SOURCE"] ?? root;

const findIfThere = (source: string, part: keyof typeof places): string | undefined =>
  places[part].map((place) => join(source, place)).find((file) => existsSync(file));

/**
 * @param source the folder of a checkout.
 * @throws {Error} when the part is at none of its known places.
 */
function findPart(source: string, part: keyof typeof places): string {
  const found = findIfThere(source, part);
  if (found === undefined)
    throw new Error(`${source} has its ${part} at none of the known places: ${places[part].join(", ")}`);
  return found;
}

/** The file that starts the server of a checkout. */
export const mainOf = (source: string): string => findPart(source, "main");

/** Whether that server takes a list of features. Older ones have a chat, whose messages have talk's fields. */
const takesFeatures = findIfThere(ownSource, "process") !== undefined;

/** How clients of the benchmark speak. */
export const speech: Speech = takesFeatures
  ? talkSpeech
  : ({ say: "send-message", said: "receive-message" } as unknown as Speech);

/** Starts the server of the checkout that BENCH_SOURCE names, with a feature in which clients can speak. */
export const talkingMain = fileURLToPath(new URL("servers/talking.ts", import.meta.url));

const load = async (part: keyof typeof places): Promise<unknown> =>
  import(pathToFileURL(findPart(ownSource, part)).href);

/** The functions that compose a server, of the checkout that BENCH_SOURCE names. */
export async function importServer() {
  const { createApp } = (await load("app")) as typeof App;
  const { readConfig } = (await load("config")) as typeof Config;
  const { selectRuntime } = (await load("runtime")) as typeof Runtime;
  return { createApp, readConfig, selectRuntime, parts: takesFeatures ? { features: await talking() } : {} };
}

/** Runs the server's process: see `talkingMain`. */
export async function runTalking(): Promise<void> {
  if (!takesFeatures) return void (await load("main"));
  const { runProcess } = (await load("process")) as typeof Process;
  await runProcess(await talking());
}

/** The features of that checkout, and talk. */
async function talking(): Promise<Feature[]> {
  const features = (await load("features")) as typeof Features;
  const { talkFeature } = await import("../support/talk/server.ts");
  return [...listFeatures(features), talkFeature];
}
