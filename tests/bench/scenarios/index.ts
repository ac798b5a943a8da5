import type { Scenario } from "../scenario.ts";
import { fanOutScenario } from "./fan-out.ts";
import { hopIdleScenario } from "./hop-idle.ts";
import { hopLoadedScenario } from "./hop-loaded.ts";
import { idleScenario } from "./idle.ts";
import { joinStormScenario } from "./join-storm.ts";
import { oneRoomScenario } from "./one-room.ts";
import { presenceScenario } from "./presence.ts";
import { scaleScenario } from "./scale.ts";
import { tenThousandScenario } from "./ten-thousand.ts";
import { typingScenario } from "./typing.ts";

/** All rows, in the order of the report. */
export const scenarios: Scenario[] = [
  fanOutScenario,
  oneRoomScenario,
  idleScenario,
  hopIdleScenario,
  hopLoadedScenario,
  typingScenario,
  joinStormScenario,
  presenceScenario,
  scaleScenario,
  tenThousandScenario,
];
