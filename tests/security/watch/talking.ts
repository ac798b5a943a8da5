import { waitFor } from "../../../deploy/local/process.ts";
import { type TrimaranClient, joinRoom } from "../../../src/client/index.ts";
import type { talk } from "../../support/talk/contract.ts";
import { type Activity, type ActivityOptions, type Bystander, patienceMs } from "./activity.ts";

/** Both say something in turns, which both hear in one order, and send each other bytes. */
export function createTalking({ room, bystanders, timed, onDamage }: ActivityOptions): Activity {
  function talker({ name, socket: anySocket }: Bystander) {
    const socket = anySocket as unknown as TrimaranClient<typeof talk>;
    const heard: string[] = [];
    const received: string[] = [];
    socket.on("said", ({ from, id, text }) => heard.push(`${from} ${id} ${text}`));
    socket.on("put-here", ({ data }) => received.push(Buffer.from(data).toString()));
    const membership = joinRoom(anySocket, room);
    membership.on("refused", (message) => onDamage(`${name} was refused: ${message}`));
    return { name, socket, membership, heard, received, expected: [] as string[] };
  }

  const [one, two] = [talker(bystanders[0]), talker(bystanders[1])];
  const said: string[] = [];

  return {
    isReady: () => one.membership.synced && two.membership.synced,

    async turn(index, doer) {
      const [writer, reader] = doer === 0 ? [one, two] : [two, one];
      await timed(async () => {
        reader.expected.push(`bytes ${index}`);
        const data = Buffer.from(`bytes ${index}`);
        const reply = await writer.socket.timeout(patienceMs).emitWithAck("put", { documentId: room, data });
        if (!reply.ok) onDamage(`bytes were refused: ${JSON.stringify(reply)}`);
        await waitFor("the bytes", () => reader.received.length >= reader.expected.length, patienceMs);
      });
      await timed(async () => {
        const [id, text] = [`${index}`, `hello ${index}`];
        said.push(`${writer.name} ${id} ${text}`);
        const payload = { documentId: room, id, text };
        const reply = await writer.socket.timeout(patienceMs).emitWithAck("say", payload);
        if (!reply.ok) onDamage(`what was said was refused: ${JSON.stringify(reply)}`);
      });
    },

    async compare() {
      for (const { name, heard, received, expected } of [one, two]) {
        await waitFor(`${name} heard all`, () => heard.length >= said.length, patienceMs).catch(
          () => undefined,
        );
        if (JSON.stringify(heard) !== JSON.stringify(said))
          onDamage(`${name} heard ${heard.length} of ${said.length}, or others`);
        if (JSON.stringify(received) !== JSON.stringify(expected))
          onDamage(
            `${name} was sent ${received.length} times bytes, not ${expected.length} times, or others`,
          );
        for (const list of [heard, received, expected]) list.length = 0;
      }
      said.length = 0;
    },
  };
}
