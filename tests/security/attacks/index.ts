import { importOfFeatures } from "../../support/of-features.ts";
import type { Attack, FeatureAttacks } from "../attack.ts";
import { eventAttack } from "./events.ts";
import { handshakeAttack } from "./handshake.ts";
import { httpAttack } from "./http.ts";
import { packetAttack } from "./packets.ts";
import { presenceAttack } from "./presence.ts";
import { rawHttpAttack } from "./raw-http.ts";
import { sessionAttack } from "./sessions.ts";

const ofFeatures = await importOfFeatures<FeatureAttacks>("security/attacks.ts");

/** In the order in which they are run. */
export const attacks: readonly Attack[] = [
  eventAttack,
  ...ofFeatures.flatMap((each) => each.attacks),
  presenceAttack,
  handshakeAttack,
  packetAttack,
  sessionAttack,
  httpAttack,
  rawHttpAttack,
];
