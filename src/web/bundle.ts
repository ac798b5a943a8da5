import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildFailure, type BuildOptions, build, stop } from "esbuild";
import { errorMessage } from "../platform/util/errors.ts";
import { createTurns } from "../platform/util/turns.ts";

/** A module for the page, and the feature that it is of. */
export interface PartSource {
  feature: string;
  url: URL;
}

export interface PageSource {
  /** The module that exports `openPage`. */
  module: URL;
  /** The modules of features' parts, each with an export `part`. */
  parts: readonly PartSource[];
}

export type OnBadPart = (feature: string, problem: string) => void;

/** The contents of bundled files, by name. */
export type Bundle = Map<string, Uint8Array>;

// The bundler's process is one for all of this process, and is stopped after each.
const inTurn = createTurns(1);

/** Bundles files for browsers, in memory. @throws {BuildFailure} when one can't be. */
export function bundle(input: Pick<BuildOptions, "entryPoints" | "stdin">): Promise<Bundle> {
  return inTurn(async () => {
    try {
      const { outputFiles } = await build({
        ...input,
        bundle: true,
        minify: true,
        format: "esm",
        target: "es2022",
        write: false,
        outdir: fileURLToPath(new URL(".", import.meta.url)),
        loader: { ".svg": "dataurl" },
        logLevel: "silent",
      });
      return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]));
    } finally {
      await stop();
    }
  });
}

/** The page with the parts that can be bundled, as `page.js` and `page.css`. @throws {BuildFailure} without a part, too. */
export async function bundlePage({ module, parts }: PageSource, onBadPart: OnBadPart): Promise<Bundle> {
  const bundleWith = async (some: readonly PartSource[]): Promise<Bundle> => {
    const stdin = { contents: entryOf(module, some), resolveDir: fileURLToPath(new URL(".", module)) };
    const files = await bundle({ stdin });
    // The bundler's name for source text that is in no file.
    return new Map([...files].map(([name, contents]) => [name.replace(/^stdin\./, "page."), contents]));
  };
  try {
    return await bundleWith(parts);
  } catch (error) {
    if (!isBuildFailure(error) || parts.length === 0) throw error;
    const sound: PartSource[] = [];
    for (const part of parts) {
      try {
        await bundleWith([part]);
        sound.push(part);
      } catch (cause) {
        onBadPart(part.feature, errorMessage(cause));
      }
    }
    if (sound.length === parts.length) throw error;
    return bundleWith(sound);
  }
}

/** What is wrong with sources; anything else, such as a bundler that can't be started, may pass. */
export function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && "errors" in error;
}

/** What a file would say that is written again whenever a feature is added: the parts, and the page with them. */
function entryOf(page: URL, parts: readonly PartSource[]): string {
  const from = (url: URL) => JSON.stringify(fileURLToPath(url));
  const named = parts.map(
    ({ feature }, index) => `{ feature: ${JSON.stringify(feature)}, part: part${index} }`,
  );
  return [
    `import { openPage } from ${from(page)};`,
    ...parts.map(({ url }, index) => `import { part as part${index} } from ${from(url)};`),
    `void openPage([${named.join(", ")}]);`,
  ].join("\n");
}
