import { describe } from "node:test";
import type { RuntimeName } from "../../../deploy/local/replica.ts";
import { useServer } from "../../support/server.ts";
import type { Transport } from "../../support/sockets.ts";
import { apiKey, authSecret } from "../../support/tokens.ts";
import { accessSuite } from "./suites/access.ts";
import { backendSuite } from "./suites/backend.ts";
import { badInputSuite } from "./suites/bad-input.ts";
import { boundSuite } from "./suites/bounds.ts";
import { editingSuite } from "./suites/editing.ts";
import { httpSuite } from "./suites/http.ts";
import { storeSuite } from "./suites/store.ts";

const transports: Transport[] = ["websocket", "polling"];

/** The behaviour of documents, against the real server on one runtime. */
export function runSuite(runtime: RuntimeName): void {
  describe("documents", () => {
    const server = useServer(runtime);
    const url = () => server().url;
    httpSuite(url);
    for (const transport of transports) {
      editingSuite(url, transport);
      badInputSuite(url, transport);
    }
    describe("with fast paths off", () => {
      const plain = useServer(runtime, { FAST_PATHS: "off" });
      for (const transport of transports) {
        editingSuite(() => plain().url, transport);
        badInputSuite(() => plain().url, transport);
      }
    });
    describe("with tokens", () => {
      const closed = useServer(runtime, {
        AUTH_SECRET: authSecret,
        API_KEYS: apiKey,
        LOG_LEVEL: "trace",
        MAX_UPDATE_BYTES: "65536",
        MAX_DOCUMENT_BYTES: "100000",
      });
      accessSuite(closed);
      backendSuite(() => closed().url);
    });
    boundSuite(runtime);
    storeSuite(runtime);
  });
}
