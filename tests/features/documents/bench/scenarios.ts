import { joinStormScenario } from "./join-storm.ts";
import { presenceScenario } from "./presence.ts";
import { typingScenario } from "./typing.ts";

export const scenarios = [typingScenario, joinStormScenario, presenceScenario];
