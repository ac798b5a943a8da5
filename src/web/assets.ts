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

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * The page's files by name. Script and styles are bundled in memory when first asked for, so that
 * neither a build step nor bundled files exist; the browser gets two files instead of two hundred.
 */
export function createAssets(): (name: string) => Promise<Asset | undefined> {
  let bundled: Promise<Map<string, Asset>> | undefined;

  return async (name) => {
    bundled ??= bundle().catch((error: unknown) => {
      bundled = undefined;
      throw error;
    });
    return (await bundled).get(name);
  };
}

async function bundle(): Promise<Map<string, Asset>> {
  const { outputFiles } = await build({
    entryPoints: { page: here("page.ts"), docs: here("docs.css") },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    outdir: here("."),
    loader: { ".svg": "dataurl" },
    logLevel: "silent",
  });
  // The bundler's process is needed this once.
  await stop();
  const assets = new Map<string, Asset>();
  for (const { path, contents } of outputFiles)
    assets.set(basename(path), asset(contents, path.endsWith(".js") ? "text/javascript" : "text/css"));
  for (const [name, type] of [
    ["index.html", "text/html"],
    ["icon.svg", "image/svg+xml"],
  ] as const) {
    assets.set(name, asset(await readFile(here(name)), type));
  }
  return assets;
}

function asset(contents: Uint8Array, type: string): Asset {
  const body = new Uint8Array(contents);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { body, contentType: `${type}; charset=utf-8`, etag };
}
