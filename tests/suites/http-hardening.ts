import { describe } from "node:test";
import type { RuntimeName } from "../../deploy/local/replica.ts";
import { holdConnections } from "./held-connections.ts";
import { originSuite } from "./origin.ts";
import { pageHeaderSuite } from "./page-headers.ts";
import { slowRequestSuite } from "./slow-requests.ts";
import { staticFileSuite } from "./static-files.ts";

/** What strangers may do to the port before anyone knows who they are. */
export function httpHardeningSuite(server: () => { url: string; port: number }, runtime: RuntimeName): void {
  describe("HTTP, exposed", () => {
    const heldConnections = holdConnections(runtime);
    pageHeaderSuite(() => server().url);
    staticFileSuite(() => server().port);
    originSuite(runtime);
    slowRequestSuite(runtime);
    heldConnections();
  });
}
