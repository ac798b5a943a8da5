import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";
import { root } from "../replica.ts";

export interface Asset {
  body: Uint8Array<ArrayBuffer>;
  contentType: string;
}

const here = (name: string) => fileURLToPath(new URL(`page/${name}`, import.meta.url));

/** The page's files by name, bundled when first asked for, as the demo's are (deploy/decisions/0004). */
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
    entryPoints: { page: here("page.ts") },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    write: false,
    outdir: here("."),
    loader: { ".svg": "dataurl" },
    logLevel: "silent",
  });
  await stop();
  const asset = (body: Uint8Array, type: string) => ({
    body: new Uint8Array(body),
    contentType: `${type}; charset=utf-8`,
  });
  const bundledFiles = outputFiles.map(({ path, contents }) =>
    path.endsWith(".js")
      ? (["page.js", asset(contents, "text/javascript")] as const)
      : (["page.css", asset(contents, "text/css")] as const),
  );
  return new Map([
    ...bundledFiles,
    ["index.html", asset(await readFile(here("index.html")), "text/html")],
    ["icon.svg", asset(await readFile(`${root}src/web/icon.svg`), "image/svg+xml")],
  ]);
}
