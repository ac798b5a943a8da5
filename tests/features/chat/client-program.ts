import { type AppProgram, opening } from "../../client/program.ts";

export const program: AppProgram = {
  name: "chat",
  source: `
import { connect, joinRoom } from "trimaran/client";
import { createOutbox } from "trimaran/client/chat";
${opening}
const documentId: string = "package-chat-" + process.env["RUNTIME"];
const open = (name: string) => {
  const socket = connect(url, { name, forceNew: true });
  return { socket, provider: joinRoom(socket, documentId) };
};
const [ada, bob] = [open("Ada"), open("Bob")];
const heard = new Promise<string>((resolve) => {
  bob.socket.on("receive-message", ({ from, text }) => resolve(from + ": " + text));
});
await until(() => ada.provider.synced && bob.provider.synced);
createOutbox(ada).add("Hi");
const said = await heard;
const reply = await bob.socket.emitWithAck("send-message", { documentId, id: "", text: "" });
console.log(JSON.stringify({ said, code: reply.ok || reply.error.code }));
process.exit(0);
`,
  wrong: ['text: ""', "text: 1", /not assignable to type 'string'/],
  prints: { said: "Ada: Hi", code: "invalid" },
  peers: [],
};
