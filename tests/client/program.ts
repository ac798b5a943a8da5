/** What an app would write with the client package, found in `client-program.ts` of features' tests as well. */
export interface AppProgram {
  /** What of the package it uses. */
  name: string;
  /** TypeScript. `SERVER` and `RUNTIME` are variables of its environment; it prints a line of JSON. */
  source: string;
  /** A text of it, and what makes it an error of types in its place. */
  wrong: readonly [from: string, to: string, error: RegExp];
  /** What it prints, parsed. */
  prints: unknown;
  /** Packages that it imports besides, which are to be there once. */
  peers: readonly string[];
}

/** The beginning of each: a client by its name, and waiting. */
export const opening = `
const url: string = process.env["SERVER"] ?? "";
const until = async (isSo: () => boolean) => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
};
`;

/** Rooms and presence, which every app has. */
export const program: AppProgram = {
  name: "rooms",
  source: `
import { type RoomState, connect, createAwareness, joinRoom, refusalOf } from "trimaran/client";
${opening}
const room: string = "package-rooms-" + process.env["RUNTIME"];
const open = (name: string) => {
  const socket = connect(url, { name, token: () => "", forceNew: true });
  const awareness = createAwareness();
  return { socket, awareness, member: joinRoom(socket, room, { awareness }) };
};
const [ada, bob] = [open("Ada"), open("Bob")];
const status: RoomState["status"] = ada.member.state.status;
await until(() => ada.member.synced && bob.member.synced);
ada.awareness.setLocalStateField("user", { name: "Ada" });
const seen = () => bob.awareness.getStates().get(ada.awareness.clientID)?.["user"]?.name;
await until(() => seen() !== undefined);
const reply = await bob.socket.emitWithAck("leave-document", { documentId: ".." });
const refusal = refusalOf(new Error("none")) ?? "none";
console.log(JSON.stringify({ status, seen: seen(), code: reply.ok || reply.error.code, refusal }));
process.exit(0);
`,
  wrong: ['documentId: ".."', "documentId: 1", /not assignable to type 'string'/],
  prints: { status: "connecting", seen: "Ada", code: "invalid", refusal: "none" },
  peers: ["socket.io-client"],
};
