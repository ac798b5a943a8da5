import { runtimes } from "../../deploy/local/replica.ts";
import { readFixtures } from "./fixture.ts";
import { singleSuite } from "./single-suite.ts";

for (const fixture of readFixtures()) for (const runtime of runtimes) singleSuite(fixture, runtime);
