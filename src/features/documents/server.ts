import { Refusal } from "../../platform/util/errors.ts";
import type { RoomSender } from "../../platform/gateway/handlers.ts";
import { whoIs } from "../../platform/gateway/socket.ts";
import { defineFeature } from "../../platform/feature.ts";
import { publishChanges } from "./changes.ts";
import { documents as contract } from "./contract.ts";
import { createDocuments } from "./documents.ts";
import { createJsonReader } from "./json-reader.ts";
import { countDocuments, watchDocuments } from "./metrics.ts";
import { createReconciler } from "./reconciler.ts";
import { createRedisDocumentStore } from "./redis-store.ts";
import { documentRoutes } from "./routes.ts";
import { settings } from "./settings.ts";
import { createSqliteStore } from "./sqlite-store.ts";
import { checkStateVector } from "./updates.ts";

/** Yjs documents: joining, changing and reading them, stored here and in Redis. */
export const documentsFeature = defineFeature({
  contract,
  settings,
  page: new URL("./page/index.ts", import.meta.url),
  create(services) {
    const { rooms, limits, shared, observability, runtime } = services;
    const { log } = observability;
    const documents = createDocuments({
      local: createSqliteStore(services.database),
      shared: shared && createRedisDocumentStore(shared),
      maxDocumentBytes: services.settings.MAX_DOCUMENT_BYTES,
      maxUpdates: services.settings.MAX_DOCUMENT_UPDATES,
      ...countDocuments(observability),
      log,
    });
    watchDocuments(observability, documents);
    const reconciler = createReconciler({ rooms, documents, log });
    shared?.onReturn(reconciler.run);
    shared?.onGap(() => reconciler.run(false));
    // A change that another replica sent to a room: open documents here take it in as well.
    rooms.onRemote("receive-changes", (room, { update }) =>
      documents.noteRemote({ documentId: room, update }),
    );
    const toJson = createJsonReader(runtime);

    function checkCost({ socket }: RoomSender): void {
      const retryAfterMs = limits.cost.waitMs(whoIs(socket));
      if (retryAfterMs > 0)
        throw new Refusal("rate_limited", "large documents and changes, too often", { retryAfterMs });
    }
    const chargeTo =
      ({ socket }: RoomSender) =>
      (costMs: number) =>
        limits.cost.charge(whoIs(socket), costMs);

    return {
      checkJoin(sender, { stateVector }) {
        checkCost(sender);
        if (stateVector) checkStateVector(stateVector);
      },
      join: (sender, { stateVector }) => documents.join(sender.room, stateVector, chargeTo(sender)),
      onEmpty: documents.release,
      handlers: {
        async "send-changes"(sender, { update }) {
          checkCost(sender);
          const changes = { room: sender.room, update, except: sender.socket.id, onCost: chargeTo(sender) };
          return { stored: await publishChanges(rooms, documents, changes) };
        },
      },
      routes: documentRoutes({ ...services, documents, toJson: toJson.read }),
      async stop() {
        await documents.close();
        toJson.close();
      },
    };
  },
});
