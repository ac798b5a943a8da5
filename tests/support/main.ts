import { runProcess } from "../../src/process.ts";
import { features } from "./features.ts";

/* The server of this app with the feature of the platform's tests besides. */
await runProcess(features);
