import { HocuspocusProvider } from "@hocuspocus/provider";
import { WebSocket } from "ws";
import { servePeople } from "./people.ts";

/*
 * With the client that Hocuspocus ships, over the WebSocket library that Trimaran's uses. Plain JavaScript,
 * as it is only installed for the benchmark, and the project's types must hold without it.
 */

/** @type {import("./person.ts").Join} */
async function join(port, documentId, doc) {
  const provider = new HocuspocusProvider({
    url: `ws://127.0.0.1:${port}`,
    name: documentId,
    document: doc,
    WebSocketPolyfill: WebSocket,
  });
  await new Promise((resolve) => provider.on("synced", resolve));
  return {
    whenSaved: () =>
      new Promise((resolve) => {
        const check = () => {
          if (provider.hasUnsyncedChanges) return;
          provider.off("unsyncedChanges", check);
          resolve();
        };
        provider.on("unsyncedChanges", check);
        check();
      }),
    leave: () => provider.destroy(),
  };
}

servePeople(join);
