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

/** All scenarios, in the order they are run. */
export const scenarios: readonly Scenario[] = [
  ...calm,
  ...redisAway,
  ...redisErrors,
  ...network,
  ...stream,
  ...replicas,
  ...crashes,
  ...clients,
  ...mixes,
];
