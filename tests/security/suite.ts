import type { RuntimeName } from "../../deploy/local/replica.ts";
import type { Attack, Via } from "./attack.ts";
import { type Result, runAttack } from "./run-attack.ts";
import { startTarget } from "./target.ts";
import { startBystanders } from "./watch/bystander-process.ts";
import { countHeld } from "./watch/held.ts";

export interface Suite {
  runtime: RuntimeName;
  attacks: readonly Attack[];
  ways: readonly Via[];
  seed: number;
  /** Of all attacks together. */
  cases: number;
  path?: string | undefined;
}

export interface Finding {
  attack: Attack;
  via: Via;
  result: Result;
}

/** Caddy answers much by itself; what it lets pass is what comes directly as well. */
const shareOf: Record<Via, number> = { direct: 0.85, caddy: 0.15 };

/** Every attack, by every way, on one server that lives through all of them. */
export async function attackRuntime(suite: Suite, onResult: (finding: Finding) => void): Promise<void> {
  const { attacks, ways, seed, cases, path } = suite;
  const target = await startTarget(suite.runtime);
  try {
    const bystanders = await startBystanders(target.replica.url);
    try {
      const before = await countHeld(target.pid, target.replica.port);
      const weights = attacks.reduce((sum, { weight }) => sum + weight, 0);
      const shares = ways.reduce((sum, via) => sum + shareOf[via], 0);
      for (const via of ways) {
        for (const attack of attacks) {
          if (attack.directOnly && via !== "direct" && ways.length > 1) continue;
          const share = (attack.weight / weights) * (shareOf[via] / shares);
          const options = { attack, target, bystanders, before, via, cases: Math.ceil(cases * share) };
          const result = await runAttack({ ...options, seed, path });
          onResult({ attack, via, result });
          // Nothing is to be learned from attacks on a server that is gone.
          if (!target.replica.process.isRunning()) return;
        }
      }
    } finally {
      await bystanders.stop();
    }
  } finally {
    await target.stop();
  }
}
