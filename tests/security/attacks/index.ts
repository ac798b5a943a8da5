import type { Attack } from "../attack.ts";
import { eventAttack } from "./events.ts";
import { yjsAttack } from "./yjs.ts";

export const attacks: readonly Attack[] = [eventAttack, yjsAttack];
