import { runtimes } from "../../deploy/local/replica.ts";
import { clusterSuite } from "./cluster-suite.ts";
import { readFixtures } from "./fixture.ts";

for (const fixture of readFixtures()) for (const runtime of runtimes) clusterSuite(fixture, runtime);
