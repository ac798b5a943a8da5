import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { root } from "../../deploy/local/replica.ts";
import { read, readIfThere } from "./read.ts";

const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

/**
 * What a page speaks of and the tree does not have: targets of links, paths, and scripts of `npm run`. Names in the
 * folders of a feature that was removed are not among them: the pages may still have it for an example.
 */
export function missingNames(page: string, text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, "");
  // A guide names files that its reader makes.
  const isNew = new Set(all(text, /New file `([^`]+)`/g));
  return [
    ...new Set([
      ...all(prose, /\]\(([^)\s]+)\)/g)
        .filter((link) => !linkLeads(page, link))
        .filter((link) => !isOfFeatures(targetOf(page, link))),
      ...all(
        text,
        /(?<![\w./@-])((?:src|tests|docs|examples|deploy|\.github|\.ci)\/[\w@.*{-]+(?:\/[\w@.*{-]+)*)/g,
      )
        .map((path) => path.replace(/\.$/, ""))
        .filter((path) => !isNew.has(path) && !/[*{]/.test(path) && !existsSync(join(root, path)))
        .filter((path) => !isOfFeatures(path)),
      ...all(text, /\b(npm run [\w:-]+)/g).filter((command) => !scripts[command.slice("npm run ".length)]),
    ]),
  ];
}

/** Whether a path is of a feature that this app does not have, or the folder of all, which an app without any lacks. */
const isOfFeatures = (path: string): boolean =>
  /^(?:src|tests)\/features\/?$/.test(path) || absentFeatures(path).length > 0;

/** Features whose folders a page names, and which this app does not have. */
export function absentFeatures(text: string): string[] {
  const isNew = all(text, /New file `src\/features\/([\w-]+)/g);
  const named = new Set(all(text, /\b(?:src|tests)\/features\/([\w-]+)/g));
  return [...named].filter((name) => !isNew.includes(name) && !existsSync(join(root, "src/features", name)));
}

/** What the expression's group found. */
const all = (text: string, expression: RegExp): string[] =>
  [...text.matchAll(expression)].map(([, found = ""]) => found);

/** The file that a link of a page leads to. */
function targetOf(page: string, link: string): string {
  const [path = ""] = link.split("#");
  return path === "" ? page : normalize(join(dirname(page), path));
}

function linkLeads(page: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true;
  const anchor = link.split("#")[1];
  const target = targetOf(page, link);
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || headings(readIfThere(target) ?? "").includes(anchor);
}

/** As GitHub and GitLab name the headings of a page. */
const headings = (text: string): string[] =>
  all(text, /^#+ (.*)$/gm).map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
