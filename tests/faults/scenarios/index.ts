import { importOfFeatures } from "../../support/of-features.ts";
import type { Scenario } from "../scenario.ts";
import { calm } from "./calm.ts";
import { clients } from "./clients.ts";
import { crashes } from "./crashes.ts";
import { mixes } from "./mix.ts";
import { network } from "./network.ts";
import { redisAway } from "./redis-away.ts";
import { redisErrors } from "./redis-errors.ts";
import { replicas } from "./replicas.ts";
import { stream } from "./stream.ts";

const ofFeatures = await importOfFeatures<{ scenarios: readonly Scenario[] }>("faults/scenarios.ts");

/** All scenarios, those of features included, in the order they are run. */
export const scenarios: readonly Scenario[] = [
  ...calm,
  ...redisAway,
  ...redisErrors,
  ...network,
  ...stream,
  ...replicas,
  ...crashes,
  ...clients,
  ...ofFeatures.flatMap(({ scenarios }) => scenarios),
  ...mixes,
];
