import type { Report } from "../../tests/bench/report.ts";
import type { Results } from "../../tests/faults/result.ts";
import { shown } from "../../tests/bench/results.ts";
import { read } from "./read.ts";

/* What the latest runs of the benchmark and of the fault suite measured, as their files have it. */

export const bench = JSON.parse(read("tests/bench/results.json")) as Report;

const scenarioOf = (name: string) => {
  const found = bench.scenarios.find((scenario) => scenario.name === name);
  if (!found) throw new Error(`tests/bench/results.json has no scenario ${name}`);
  return found;
};

/** Whether the latest run had the scenario: those of a feature go with the feature. */
export const has = (name: string): boolean => bench.scenarios.some((scenario) => scenario.name === name);

/** @returns "-" where the scenario has no such contender. */
export function figure(scenario: string, contender: string, name: string, scale = 1): string {
  const found = scenarioOf(scenario).contenders.find((each) => each.name === contender);
  if (!found) return "-";
  const spread = found.figures[name];
  if (!spread) throw new Error(`tests/bench/results.json has no ${name} of ${contender} in ${scenario}`);
  return shown(spread.median / scale);
}

/** What was measured for a goal: a ratio made within each round, with two digits. */
export function ratio(scenario: string, goal: string): string {
  const found = scenarioOf(scenario).goals.find(({ title }) => title === goal);
  if (!found) throw new Error(`tests/bench/results.json has no goal "${goal}" in ${scenario}`);
  return found.measured.median.toFixed(2);
}

const runs = ["node", "bun", "deno"].flatMap(
  (runtime) => (JSON.parse(read(`tests/faults/results/${runtime}.json`)) as Results).results,
);

/** All runs of a fault, on all runtimes: counts are sums, times the longest. */
export function fault(name: string) {
  const all = runs.filter(({ scenario }) => scenario === name).flatMap(({ figures }) => figures ?? []);
  if (all.length === 0) throw new Error(`tests/faults/results has no scenario ${name}`);
  const sum = (of: "delivered" | "lost" | "doubled" | "reordered" | "reconnects" | "recovered") =>
    shown(all.reduce((total, figures) => total + figures[of], 0));
  return {
    delivered: sum("delivered"),
    lost: sum("lost"),
    doubled: sum("doubled"),
    reordered: sum("reordered"),
    recovered: `${sum("recovered")} of ${sum("reconnects")}`,
    localP99Ms: Math.round(Math.max(...all.map(({ localP99Ms }) => localP99Ms ?? 0))),
  };
}
