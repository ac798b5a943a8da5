import * as features from "../../src/features.ts";
import { runProcess } from "../../src/process.ts";
import { talkFeature } from "./talk/server.ts";

/* The server of this app with one more feature, which tests of the platform use. */
await runProcess([...Object.values(features), talkFeature]);
