import { describe } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { importOfFeatures } from "../support/of-features.ts";
import { useServer } from "../support/server.ts";
import type { Transport } from "../support/sockets.ts";
import { groupTimeoutMs } from "../support/timeout.ts";
import { answerSuite } from "./answers.ts";
import { authSuite } from "./auth.ts";
import { backendSuite } from "./backend.ts";
import { badInputSuite, maxUpdateBytes } from "./bad-input.ts";
import { boundSuite } from "./bounds.ts";
import { countedByteSuite } from "./counted-bytes.ts";
import { doorSuite } from "./door.ts";
import { entryBoundsSuite } from "./entry-bounds.ts";
import { fanOutSuite } from "./fan-out.ts";
import { httpHardeningSuite } from "./http-hardening.ts";
import { httpSuite } from "./http.ts";
import { limitSuite } from "./limits.ts";
import { metricsSuite } from "./metrics.ts";
import { processSuite } from "./process.ts";
import { roomSuite } from "./rooms.ts";
import { referenceSuite } from "./reference.ts";
import { spoofedAddressSuite } from "./spoofed-address.ts";

const transports: Transport[] = ["websocket", "polling"];

/** `suite.ts` of a feature's tests: its behaviour suites, with servers of their own. */
export interface FeatureSuite {
  runSuite: (runtime: RuntimeName) => void;
}

const ofFeatures = await importOfFeatures<FeatureSuite>("suite.ts");

/** Every behaviour suite, of the platform and of features, against the real server on one runtime. */
export function runSuites(runtime: RuntimeName): void {
  describe(`server on ${runtime}`, { timeout: groupTimeoutMs }, () => {
    const settings = { MAX_UPDATE_BYTES: String(maxUpdateBytes) };
    const server = useServer(runtime, settings);
    const url = () => server().url;
    httpSuite(url, runtime);
    httpHardeningSuite(server, runtime);
    for (const transport of transports) {
      roomSuite(url, transport);
      badInputSuite(url, transport);
    }
    referenceSuite(url);
    fanOutSuite(runtime);
    describe("with fast paths off", () => {
      const plain = useServer(runtime, { ...settings, FAST_PATHS: "off" });
      for (const transport of transports) {
        roomSuite(() => plain().url, transport);
        badInputSuite(() => plain().url, transport);
      }
    });
    doorSuite(runtime);
    entryBoundsSuite(runtime);
    boundSuite(runtime);
    limitSuite(runtime);
    countedByteSuite(runtime);
    metricsSuite(runtime);
    answerSuite(runtime);
    spoofedAddressSuite(runtime);
    authSuite(runtime);
    backendSuite(runtime);
    processSuite(runtime);
    for (const { runSuite } of ofFeatures) runSuite(runtime);
  });
}
