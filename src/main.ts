import * as features from "./features.ts";
import { runProcess } from "./process.ts";

await runProcess(Object.values(features));
