import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../../src/platform/util/errors.ts";
import { readOptions } from "../../deploy/local/cli.ts";
import { root } from "../../deploy/local/replica.ts";
import { generatedFiles } from "./files.ts";
import { readPages, withParts } from "./pages.ts";
import { readIfThere } from "./read.ts";
import { absentFeatures, missingNames } from "./missing-names.ts";

/* `npm run docs`: writes what the documentation takes from the code. */

const help = `Writes the files and the parts of Markdown pages that are made from the code, and lists each file,
heading and script that a page names and the tree does not have.

  npm run docs -- [options]

  --check    write nothing; exit 1 if something would be written
  --help     this text`;

const { check } = readOptions(help, { check: { type: "boolean", default: false } });
const problems: string[] = [];
const pages = readPages();
const wanted = { ...generatedFiles };
for (const [page, text] of Object.entries(pages)) {
  try {
    wanted[page] = pages[page] = await withParts(text);
  } catch (error) {
    problems.push(`${page}: ${errorMessage(error)}`);
  }
}

for (const [file, text] of Object.entries(wanted)) {
  if (readIfThere(file) === text) continue;
  if (check) {
    problems.push(`${file} is not what the code says. To write it anew: npm run docs`);
  } else {
    writeFileSync(join(root, file), text);
    console.log(`${file} written`);
  }
}
for (const [page, text] of Object.entries(pages)) {
  const missing = missingNames(page, text);
  if (missing.length > 0) problems.push(`${page} names what is not there: ${missing.join(", ")}`);
  for (const feature of check ? [] : absentFeatures(text))
    console.log(`${page} speaks of ${feature}, a feature that this app does not have`);
}

for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
