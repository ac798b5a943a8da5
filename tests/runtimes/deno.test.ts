import { runSuites } from "../suites/all.ts";

runSuites("deno");
