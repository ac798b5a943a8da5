import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  type Bundle,
  type OnBadPart,
  type PageSource,
  type PartSource,
  bundle,
  bundlePage,
  isBuildFailure,
} from "./bundle.ts";

export interface Asset {
  body: Uint8Array<ArrayBuffer>;
  contentType: string;
  etag: string;
}

export interface AssetSources {
  /** What is bundled, by the name it gets. */
  entries: Record<string, URL>;
  /** What is bundled as `page.js` and `page.css`. */
  page: PageSource;
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

/** Of the demo and of the reference. */
export function pageSources(parts: readonly PartSource[]): AssetSources {
  return {
    entries: { docs: here("docs.css"), worker: here("worker.ts") },
    page: { module: here("page.ts"), parts },
    files: { "index.html": here("index.html"), "icon.svg": here("icon.svg") },
  };
}

/**
 * A page's files by name. Script and styles are bundled in memory when first asked for, so that
 * neither a build step nor bundled files exist; the browser gets two files instead of two hundred.
 *
 * @param onBadPart told once of each part that can't be bundled, and why; the page goes without it.
 */
export function createAssets(sources: AssetSources, onBadPart: OnBadPart) {
  const { entries, files } = sources;
  const entryPoints = Object.fromEntries(
    Object.entries(entries).map(([name, url]) => [name, fileURLToPath(url)]),
  );
  // Apart from each other: what is wrong with the page is no reason to be without the rest.
  const ofPage = keptBundle(() => bundlePage(sources.page, onBadPart));
  const others = keptBundle(() => bundle({ entryPoints }));
  const assets = new Map<string, Asset>();

  async function read(name: string): Promise<Uint8Array | undefined> {
    if (Object.hasOwn(files, name)) return readFile(files[name] ?? "");
    const [stem = ""] = name.split(".");
    if (stem === "page") return (await ofPage()).get(name);
    return Object.hasOwn(entries, stem) ? (await others()).get(name) : undefined;
  }

  return async (name: string): Promise<Asset | undefined> => {
    const known = assets.get(name);
    if (known) return known;
    const contents = await read(name);
    if (!contents) return undefined;
    const made = asset(name, contents);
    assets.set(name, made);
    return made;
  };
}

/** Bundled once: sources that are wrong stay so until the process starts again. */
function keptBundle(make: () => Promise<Bundle>): () => Promise<Bundle> {
  let bundled: Promise<Bundle> | undefined;
  return () =>
    (bundled ??= make().catch((error: unknown) => {
      if (!isBuildFailure(error)) bundled = undefined;
      throw error;
    }));
}

function asset(name: string, contents: Uint8Array): Asset {
  const body = new Uint8Array(contents);
  const etag = `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"`;
  return { body, contentType: `${types[name.split(".").at(-1) ?? ""]}; charset=utf-8`, etag };
}
