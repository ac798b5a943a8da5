import { type Spread, spread } from "./figures.ts";
import type { Figures, Goal, Scenario } from "./scenario.ts";

/** One contender's figures, of all its rounds. */
export interface ContenderResult {
  name: string;
  figures: Record<string, Spread>;
}

export interface GoalResult {
  title: string;
  /** Such as `at most 0.333`. */
  bound: string;
  /** A ratio, or the figure itself. */
  measured: Spread;
  met: boolean;
}

export interface ScenarioResult {
  name: string;
  title: string;
  contenders: ContenderResult[];
  goals: GoalResult[];
  notes: string[];
  /** What must not be on any machine, such as messages that did not arrive. */
  problems: string[];
}

/** Figures of each contender, a list with one entry a round. */
export type Rounds = Map<string, Figures[]>;

/** Medians over rounds; ratios are made within a round, where both met the same machine. */
export function evaluate(scenario: Scenario, rounds: Rounds, notes: Iterable<string>) {
  const contenders = [...rounds].map(([name, all]) => ({
    name,
    figures: Object.fromEntries(
      Object.keys(all[0] ?? {}).map((figure) => [
        figure,
        spread(all.map((figures) => figures[figure] ?? NaN)),
      ]),
    ),
  }));
  const goals = scenario.goals.flatMap((goal) => evaluateGoal(goal, rounds) ?? []);
  return { name: scenario.name, title: scenario.title, contenders, goals, notes: [...new Set(notes)] };
}

function evaluateGoal(goal: Goal, rounds: Rounds): GoalResult | undefined {
  const of = rounds.get(goal.of);
  const to = goal.to === undefined ? undefined : rounds.get(goal.to);
  if (!of || (goal.to !== undefined && !to)) return undefined;
  const values = of.map((figures, round) => {
    const value = figures[goal.figure] ?? NaN;
    return to ? value / (to[round]?.[goal.toFigure ?? goal.figure] ?? NaN) : value;
  });
  const measured = spread(values);
  const { atMost = Infinity, atLeast = -Infinity } = goal;
  const bound = goal.atMost === undefined ? `at least ${shown(atLeast)}` : `at most ${shown(atMost)}`;
  const met = measured.median <= atMost && measured.median >= atLeast;
  return { title: goal.title, bound, measured, met };
}

/** Three digits that count. */
export function shown(value: number): string {
  if (!Number.isFinite(value)) return "-";
  return value >= 1000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}
