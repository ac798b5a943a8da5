import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../deploy/local/replica.ts";
import { read } from "./read.ts";

/** Makes the text of a part. */
type MakePart = () => string | Promise<string>;

const part = /^(<!-- generated: ([\w-]+)[^>]*-->\n)[\s\S]*?^(<!-- \/generated -->)/gm;

/** Every Markdown page that says what is true now: its path from the root, and its text. */
export function readPages(): Record<string, string> {
  const exclude = ["**/node_modules", "dist", "data", "CHANGELOG.md"];
  const files = globSync(["**/*.md", ".github/**/*.md"], { cwd: root, exclude });
  return Object.fromEntries(files.map((file) => [file, read(file)]));
}

/**
 * A page with each of its marked parts made anew. `<!-- generated: NAME … -->` begins a part, and names the file
 * in `parts` that makes it; `<!-- /generated -->` ends it.
 *
 * @throws if a marker has no end, or no file in `parts` makes that part
 */
export async function withParts(text: string, load = loadPart): Promise<string> {
  const made = new Map<string, string>();
  for (const [, , name = ""] of text.matchAll(part)) {
    const make = await load(name);
    if (!make) throw new Error(`it has a part "${name}", and there is no docs/generate/parts/${name}.ts`);
    made.set(name, await make());
  }
  if (/^<!-- \/?generated\b/m.test(text.replaceAll(part, "")))
    throw new Error("it has a marker without its other half: <!-- generated: … --> or <!-- /generated -->");
  return text.replaceAll(part, (_, begin, name, end) => `${begin}${made.get(name)}\n${end}`);
}

/** Only what a page has is loaded, so that a part can be deleted together with its page. */
async function loadPart(name: string): Promise<MakePart | undefined> {
  const file = join(import.meta.dirname, "parts", `${name}.ts`);
  if (!existsSync(file)) return undefined;
  return ((await import(file)) as { default: MakePart }).default;
}
