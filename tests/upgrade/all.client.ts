import { clientCheckSuite } from "./run-client-check.ts";

clientCheckSuite({ what: "what rooms need", program: "tests/upgrade/client-check.ts", checks: 6 });
