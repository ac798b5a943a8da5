import type { Scenario } from "../scenario.ts";
import { redisAway } from "./redis-away.ts";

/** All scenarios, in the order they are run. */
export const scenarios: readonly Scenario[] = [...redisAway];
