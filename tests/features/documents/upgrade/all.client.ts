import { clientCheckSuite } from "../../../upgrade/run-client-check.ts";

clientCheckSuite({
  what: "what documents need",
  program: "tests/features/documents/upgrade/client-check.ts",
  checks: 7,
  env: { MAX_UPDATE_BYTES: "65536" },
});
