import type { Attack } from "../attack.ts";
import { eventAttack } from "./events.ts";

export const attacks: readonly Attack[] = [eventAttack];
