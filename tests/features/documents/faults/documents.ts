import * as Y from "yjs";
import { waitFor } from "../../../../deploy/local/process.ts";
import { connect } from "../../../../src/client/index.ts";
import { DocumentProvider } from "../../../../src/features/documents/client/index.ts";
import { ownAddress } from "../../../faults/address.ts";
import { patienceMs } from "../../../faults/scenario.ts";
import type { FinalDocument } from "./history.ts";

/** The document as the checker compares it. */
export function documentOf(where: string, doc: Y.Doc): FinalDocument {
  return {
    where,
    stateVector: Buffer.from(Y.encodeStateVector(doc)).toString("base64"),
    text: doc.getText("content").toString(),
  };
}

/** What a client sees that opens the document at a replica for the first time. */
export async function freshDocument(url: string, where: string, documentId: string): Promise<FinalDocument> {
  const socket = connect(url, { forceNew: true, transports: ["websocket"], ...ownAddress() });
  const doc = new Y.Doc();
  const provider = new DocumentProvider(socket, documentId, doc);
  try {
    await waitFor(where, () => provider.synced, patienceMs);
    return documentOf(where, doc);
  } finally {
    provider.destroy();
    provider.awareness.destroy();
    socket.disconnect();
  }
}
