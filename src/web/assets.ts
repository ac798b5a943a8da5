import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";

export interface Asset {
  body: Uint8Array<ArrayBuffer>;
  contentType: string;
  etag: string;
}

export interface AssetSources {
  /** What is bundled, by the name it gets: `page` becomes `page.js` and `page.css`. */
  entries: Record<string, URL>;
  /** Source text that is bundled too, as `page.js` and `page.css`. */
  page?: string;
  /** What is served as it is, by name. */
  files: Record<string, URL>;
}

const here = (name: string) => new URL(name, import.meta.url);
const types: Record<string, string> = {
  js: "text/javascript",
  css: "text/css",
  html: "text/html",
  svg: "image/svg+xml",
};

/** Of the demo and of the reference. @param parts the modules of features' parts, each with an export `part`. */
export function pageSources(parts: readonly URL[]): AssetSources {
  return {
    entries: { docs: here("docs.css"), worker: here("worker.ts") },
    page: entryOf(here("page.ts"), parts),
    files: { "index.html": here("index.html"), "icon.svg": here("icon.svg") },
  };
}

/**
 * What a file would say that is written again whenever a feature is added: the parts, and the page with them.
 *
 * @param page the module that exports `openPage`.
 * @param parts the modules of features' parts, each with an export `part`.
 */
export function entryOf(page: URL, parts: readonly URL[]): string {
  const from = (url: URL) => JSON.stringify(fileURLToPath(url));
  return [
    `import { openPage } from ${from(page)};`,
    ...parts.map((url, index) => `import { part as part${index} } from ${from(url)};`),
    `void openPage([${parts.map((_, index) => `part${index}`).join(", ")}]);`,
  ].join("\n");
}

/**
 * A page's files by name. Script and styles are bundled in memory when first asked for, so that
 * neither a build step nor bundled files exist; the browser gets two files instead of two hundred.
 */
export function createAssets(sources: AssetSources): (name: string) => Promise<Asset | undefined> {
  let bundled: Promise<Map<string, Asset>> | undefined;

  return async (name) => {
    bundled ??= bundle(sources).catch((error: unknown) => {
      bundled = undefined;
      throw error;
    });
    return (await bundled).get(name);
  };
}

async function bundle({ entries, page, files }: AssetSources): Promise<Map<string, Asset>> {
  const { outputFiles } = await build({
    entryPoints: Object.fromEntries(Object.entries(entries).map(([name, url]) => [name, fileURLToPath(url)])),
    ...(page !== undefined && { stdin: { contents: page, resolveDir: fileURLToPath(here(".")) } }),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    outdir: fileURLToPath(here(".")),
    loader: { ".svg": "dataurl" },
    logLevel: "silent",
  });
  // The bundler's process is needed this once.
  await stop();
  const assets = new Map<string, Asset>();
  for (const { path, contents } of outputFiles) {
    // The bundler's name for source text that is in no file.
    const name = basename(path).replace(/^stdin\./, "page.");
    assets.set(name, asset(name, contents));
  }
  for (const [name, url] of Object.entries(files)) assets.set(name, asset(name, await readFile(url)));
  return assets;
}

function asset(name: string, contents: Uint8Array): Asset {
  const body = new Uint8Array(contents);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { body, contentType: `${types[name.split(".").at(-1) ?? ""]}; charset=utf-8`, etag };
}
