import { describe } from "node:test";
import type { RuntimeName } from "../../../deploy/local/replica.ts";
import { useServer } from "../../support/server.ts";
import { apiKey } from "../../support/tokens.ts";
import { backendMessageSuite } from "./suites/backend.ts";
import { messageSuite } from "./suites/messages.ts";

/** The behaviour of the chat, against the real server on one runtime. */
export function runSuite(runtime: RuntimeName): void {
  describe("chat", () => {
    const server = useServer(runtime, { API_KEYS: apiKey });
    for (const transport of ["websocket", "polling"] as const) messageSuite(() => server().url, transport);
    backendMessageSuite(() => server().url);
  });
}
