import type { Attack } from "../attack.ts";
import { eventAttack } from "./events.ts";
import { handshakeAttack } from "./handshake.ts";
import { httpAttack } from "./http.ts";
import { packetAttack } from "./packets.ts";
import { presenceAttack } from "./presence.ts";
import { rawHttpAttack } from "./raw-http.ts";
import { sessionAttack } from "./sessions.ts";
import { weightAttack } from "./weight.ts";
import { yjsAttack } from "./yjs.ts";

/** In the order in which they are run. */
export const attacks: readonly Attack[] = [
  eventAttack,
  yjsAttack,
  weightAttack,
  presenceAttack,
  handshakeAttack,
  packetAttack,
  sessionAttack,
  httpAttack,
  rawHttpAttack,
];
