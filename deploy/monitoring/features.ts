import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { filesOfFeatures } from "../local/feature-files.ts";
import { root } from "../local/replica.ts";

/* What features have in their folders for those who watch a server: src/features/<name>/monitoring. */

export interface Panel {
  title: string;
  description: string;
  unit: string;
  /** Expression, and what a line of it is called. */
  targets: [expression: string, legend: string][];
}

/** A row of panels in the dashboard. */
export interface Row {
  title: string;
  panels: Panel[];
}

const textsOf = (file: string): string[] =>
  Object.values(filesOfFeatures(`monitoring/${file}`))
    .toSorted()
    .map((path) => readFileSync(join(root, path), "utf8"));

export const rows = textsOf("dashboard.json").map((text) => JSON.parse(text) as Row);

/** The rules of all features in one file, which Prometheus loads beside alerts.yml. */
export const alerts =
  "# Written by `npm run docs` from src/features/*/monitoring/alerts.yml.\n" +
  stringify(
    { groups: textsOf("alerts.yml").flatMap((text) => (parse(text) as { groups: object[] }).groups) },
    { lineWidth: 0 },
  );
