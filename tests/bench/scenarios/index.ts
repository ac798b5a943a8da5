import { importOfFeatures } from "../../support/of-features.ts";
import type { Scenario } from "../scenario.ts";
import { degradedIdleScenario } from "./degraded-idle.ts";
import { fanOutScenario } from "./fan-out.ts";
import { hopIdleScenario } from "./hop-idle.ts";
import { hopLoadedScenario } from "./hop-loaded.ts";
import { hostileDoorScenario } from "./hostile-door.ts";
import { idleScenario } from "./idle.ts";
import { memoryScenario } from "./memory.ts";
import { oneRoomScenario } from "./one-room.ts";
import { scaleScenario } from "./scale.ts";
import { startScenario } from "./start.ts";
import { tenThousandScenario } from "./ten-thousand.ts";

const ofFeatures = await importOfFeatures<{ scenarios: readonly Scenario[] }>("bench/scenarios.ts");

/** All rows, those of features included, in the order of the report. */
export const scenarios: readonly Scenario[] = [
  startScenario,
  fanOutScenario,
  oneRoomScenario,
  idleScenario,
  memoryScenario,
  degradedIdleScenario,
  hopIdleScenario,
  hopLoadedScenario,
  ...ofFeatures.flatMap(({ scenarios }) => scenarios),
  scaleScenario,
  tenThousandScenario,
  hostileDoorScenario,
];
