import { type AppProgram, opening } from "../../client/program.ts";

export const program: AppProgram = {
  name: "documents",
  source: `
import { connect } from "trimaran/client";
import { DocumentProvider, type ProviderState } from "trimaran/client/documents";
import * as Y from "yjs";
${opening}
const documentId: string = "package-documents-" + process.env["RUNTIME"];
const open = (name: string) => {
  const socket = connect(url, { name, forceNew: true });
  const doc = new Y.Doc();
  return { socket, doc, provider: new DocumentProvider(socket, documentId, doc) };
};
const [ada, bob] = [open("Ada"), open("Bob")];
const status: ProviderState["status"] = ada.provider.state.status;
await Promise.all([ada.provider.whenSaved(), bob.provider.whenSaved()]);
ada.doc.getText("content").insert(0, "Hello");
await ada.provider.whenSaved();
await until(() => bob.doc.getText("content").toString() === "Hello");
const update = new Uint8Array([1]);
const reply = await bob.socket.emitWithAck("send-changes", { documentId, update });
console.log(JSON.stringify({ status, code: reply.ok || reply.error.code }));
process.exit(0);
`,
  wrong: ["new Uint8Array([1])", '"bytes"', /'string' is not assignable to type/],
  prints: { status: "connecting", code: "invalid" },
  peers: ["yjs", "y-protocols"],
};
