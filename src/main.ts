import * as features from "./features.ts";
import { listFeatures } from "./platform/contract/define.ts";
import { runProcess } from "./process.ts";

await runProcess(listFeatures(features));
