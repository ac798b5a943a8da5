import { runtimes } from "../../deploy/local/replica.ts";
import { doorSuite } from "../suites/door.ts";
import { limitSuite } from "../suites/limits.ts";

/* The suites of the door alone, against a server on one runtime: `DOOR_RUNTIME=bun node --test …/one-suite.ts`. */

const runtime = runtimes.find((name) => name === process.env["DOOR_RUNTIME"]);
if (!runtime) throw new Error(`DOOR_RUNTIME: one of ${runtimes.join(", ")}`);
doorSuite(runtime);
limitSuite(runtime);
