import type { Scenario } from "../scenario.ts";
import { degradedIdleScenario } from "./degraded-idle.ts";
import { fanOutScenario } from "./fan-out.ts";
import { hopIdleScenario } from "./hop-idle.ts";
import { hopLoadedScenario } from "./hop-loaded.ts";
import { hostileDoorScenario } from "./hostile-door.ts";
import { idleScenario } from "./idle.ts";
import { joinStormScenario } from "./join-storm.ts";
import { memoryScenario } from "./memory.ts";
import { oneRoomScenario } from "./one-room.ts";
import { presenceScenario } from "./presence.ts";
import { scaleScenario } from "./scale.ts";
import { startScenario } from "./start.ts";
import { tenThousandScenario } from "./ten-thousand.ts";
import { typingScenario } from "./typing.ts";

/** All rows, in the order of the report. */
export const scenarios: Scenario[] = [
  startScenario,
  fanOutScenario,
  oneRoomScenario,
  idleScenario,
  memoryScenario,
  degradedIdleScenario,
  hopIdleScenario,
  hopLoadedScenario,
  typingScenario,
  joinStormScenario,
  presenceScenario,
  scaleScenario,
  tenThousandScenario,
  hostileDoorScenario,
];
