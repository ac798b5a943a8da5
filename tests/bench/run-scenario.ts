import { type Rounds, type ScenarioResult, evaluate, shown } from "./results.ts";
import type { Scenario } from "./scenario.ts";

export interface RunScenarioOptions {
  quick: boolean;
  seed: number;
  rounds: number;
  /** Only contenders whose name has one of these; all if there are none. */
  against: readonly string[];
  onProgress: (text: string) => void;
}

/** Runs all contenders in turn, as often as there are rounds. */
export async function runScenario(scenario: Scenario, options: RunScenarioOptions): Promise<ScenarioResult> {
  const { quick, seed, rounds, against, onProgress } = options;
  const contenders = scenario.contenders.filter(
    ({ name }) => against.length === 0 || against.some((text) => name.includes(text)),
  );
  const figures: Rounds = new Map(contenders.map(({ name }) => [name, []]));
  const notes: string[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, run } of contenders) {
      const note = (text: string) => notes.push(`${name}: ${text}`);
      const measured = await run({ quick, seed: seed + round, note });
      figures.get(name)?.push(measured);
      const told = Object.entries(measured).map(([figure, value]) => `${figure} ${shown(value)}`);
      onProgress(`${round + 1}/${rounds} ${name.padEnd(26)} ${told.join(", ")}`);
    }
  }
  return evaluate(scenario, figures, notes);
}
