import { runTalking } from "../source.ts";

await runTalking();
