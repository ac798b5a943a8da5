import type { TrimaranClient } from "../../src/client/index.ts";
import type { talk } from "../support/talk/contract.ts";
import type { History, Member as MemberHistory } from "./history.ts";
import { talkSpeech } from "./speech.ts";

const now = () => performance.now();

/** Listens to everything a member must be sent. */
export function record(
  socket: TrimaranClient<typeof talk>,
  name: string,
  documentId: string,
  history: History,
  { said } = talkSpeech,
): MemberHistory {
  const seen: MemberHistory = {
    name,
    nodeId: undefined,
    deliveries: [],
    connects: [],
    disconnects: [],
    resyncs: [],
  };
  history.members.push(seen);
  const nodeOf = new Map<string, MemberHistory>();
  socket.on("connect", () => seen.connects.push({ at: now(), recovered: socket.recovered }));
  socket.on("disconnect", (reason) => seen.disconnects.push({ at: now(), reason }));
  socket.on("mode", ({ nodeId }) => (seen.nodeId = nodeId));
  socket.on(said, (message) => {
    const [sender = "", seq] = message.id.split(":");
    if (message.documentId !== documentId) return;
    if (!nodeOf.has(sender)) {
      const found = history.members.find((member) => member.name === sender);
      if (found) nodeOf.set(sender, found);
    }
    const local = nodeOf.get(sender)?.nodeId === seen.nodeId;
    seen.deliveries.push({ sender, seq: Number(seq), at: now(), local });
  });
  socket.onAny((event: string, payload?: { reason?: string }) => {
    if (event === "resync") seen.resyncs.push({ at: now(), reason: payload?.reason ?? "" });
  });
  return seen;
}

/** The latest connection's client is in the room (again). */
export function markJoined({ connects }: MemberHistory): void {
  const latest = connects.at(-1);
  if (latest) latest.joinedAt ??= now();
}
