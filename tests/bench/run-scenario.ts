import { root } from "../../deploy/local/replica.ts";
import { type Rounds, type ScenarioResult, evaluate, shown } from "./results.ts";
import type { Contender, Figures, Scenario } from "./scenario.ts";

export interface RunScenarioOptions {
  quick: boolean;
  seed: number;
  rounds: number;
  isChosen: (contender: Contender) => boolean;
  onProgress: (text: string) => void;
}

/** Runs all chosen contenders in turn, as often as there are rounds. */
export async function runScenario(scenario: Scenario, options: RunScenarioOptions): Promise<ScenarioResult> {
  const { quick, seed, rounds, isChosen, onProgress } = options;
  const contenders = scenario.contenders.filter(isChosen);
  const figures: Rounds = new Map(contenders.map(({ name }) => [name, []]));
  const notes: string[] = [];
  const problems: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, run } of contenders) {
      const measured = await run({
        quick,
        seed: seed + round,
        source: root,
        note: (text) => notes.push(`${name}: ${text}`),
        problem: (text) => problems.push(`${name}: ${text}`),
      });
      figures.get(name)?.push(measured);
      onProgress(`${round + 1}/${rounds} ${name.padEnd(26)} ${shownAll(measured)}`);
    }
  }
  return { ...evaluate(scenario, figures, notes), problems };
}

export function shownAll(figures: Figures): string {
  return Object.entries(figures)
    .map(([figure, value]) => `${figure} ${shown(value)}`)
    .join(", ");
}
