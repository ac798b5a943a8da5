import { connect } from "../../../../../src/client/index.ts";
import { DocumentProvider } from "../../../../../src/features/documents/client/index.ts";
import type { Join } from "./person.ts";

/** With the client that Trimaran ships; see src/client. */
export const joinTrimaran: Join = async (port, documentId, doc) => {
  const socket = connect(`http://127.0.0.1:${port}`, { transports: ["websocket"], forceNew: true });
  const provider = new DocumentProvider(socket, documentId, doc);
  await provider.whenSaved();
  return {
    whenSaved: () => provider.whenSaved(),
    leave() {
      provider.destroy();
      socket.close();
    },
  };
};
