import type { Scenario } from "../scenario.ts";
import { fanOutScenario } from "./fan-out.ts";
import { idleScenario } from "./idle.ts";
import { oneRoomScenario } from "./one-room.ts";

/** All rows, in the order of the report. */
export const scenarios: Scenario[] = [fanOutScenario, oneRoomScenario, idleScenario];
