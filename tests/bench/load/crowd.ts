import { createRandom } from "../../support/random.ts";
import { sharedMs } from "../clock.ts";
import { serveCommands } from "../../support/commands.ts";
import { speech } from "../source.ts";
import { type Tally, createDeliveries } from "./deliveries.ts";
import { type ReturningClient, createReturningClient } from "./returning-client.ts";

/* Members of rooms who talk to each other, come back when their replica dies, and count what they get. */

export interface Crowd {
  port: number;
  count: number;
  membersOfRoom: number;
  /** Put before the rooms' names. */
  name: string;
  seed: number;
}

export interface CrowdState {
  /** Members of their room, on a connection that lives. */
  present: number;
  /** Connections that ended so far. */
  ended: number;
  /** Of those who came back: how many had to start over. */
  startedOver: number;
  /** How often members were told that something is missing. */
  resynced: number;
  /** When the last one was back, on the machine's shared clock. */
  lastBackAt: number;
  received: number;
  refused: number;
  byNode: Record<string, number>;
}

export interface CrowdTally extends Tally {
  /** Messages that the server did not acknowledge (yet). */
  unanswered: number;
}

const openedTogether = 100;
const tickMs = 10;
/** A message without an answer is sent again: the same one, as its id tells. */
const answerWithinMs = 2000;
const refusedPauseMs = 250;

interface Member {
  client: ReturningClient;
  present: boolean;
  isJoined: boolean;
  node: string;
}
interface Room {
  id: string;
  members: Member[];
  deliveries: ReturnType<typeof createDeliveries>;
}
interface Message {
  id: string;
  room: Room;
  from: Member;
  askedAt: number | undefined;
}

const rooms: Room[] = [];
const unanswered = new Set<Message>();
let ended = 0;
let startedOver = 0;
let resynced = 0;
let lastBackAt = 0;
let received = 0;
let refused = 0;
let talking: NodeJS.Timeout | undefined;

/** @returns once it has joined. */
function addMember(room: Room, port: number, random: () => number): Promise<void> {
  const index = room.members.length;
  return new Promise((resolve) => {
    const client = createReturningClient({
      port,
      random,
      onEvent(event, [payload]) {
        if (event === "mode") member.node = (payload as { nodeId: string }).nodeId;
        if (event === speech.said) {
          received += 1;
          room.deliveries.received(index, (payload as { id: string }).id);
        }
        // Told that something is missing, as by a connection that is not recovered.
        if (event === "resync") {
          resynced += 1;
          room.deliveries.startOver(index);
        }
      },
      onConnect(recovered) {
        if (recovered && member.isJoined) isBack();
        else join().catch(() => undefined);
      },
      onDisconnect() {
        ended += 1;
        member.present = false;
      },
    });
    const member: Member = { client, present: false, isJoined: false, node: "" };
    room.members.push(member);

    async function join(): Promise<void> {
      if (member.isJoined) startedOver += 1;
      member.isJoined = false;
      while (!(await client.request("join-document", { documentId: room.id })).ok) {
        refused += 1;
        await new Promise((resolve) => setTimeout(resolve, refusedPauseMs));
      }
      member.isJoined = true;
      room.deliveries.startOver(index);
      isBack();
    }
    function isBack(): void {
      member.present = true;
      lastBackAt = sharedMs();
      resolve();
    }
  });
}

async function ask(message: Message): Promise<void> {
  message.askedAt = sharedMs();
  const { id, room, from } = message;
  try {
    const { ok } = await from.client.request(speech.say, { documentId: room.id, id, text: id });
    if (ok && unanswered.delete(message)) room.deliveries.acknowledged(id);
    if (!ok) refused += 1;
  } catch {
    // Its connection ended: asked again when it is back.
    message.askedAt = undefined;
  }
}

function say(number: number): void {
  const room = rooms[number % rooms.length];
  const turn = Math.floor(number / rooms.length);
  const from = room?.members[turn % room.members.length];
  if (!room || !from) return;
  const message: Message = { id: `${room.id}-${turn}`, room, from, askedAt: undefined };
  room.deliveries.sent(message.id);
  unanswered.add(message);
  if (from.present) void ask(message);
}

function askAgain(): void {
  const before = sharedMs() - answerWithinMs;
  for (const message of unanswered)
    if (message.from.present && (message.askedAt ?? 0) < before) void ask(message);
}

serveCommands({
  async open({ port, count, membersOfRoom, name, seed }: Crowd) {
    const random = createRandom(seed);
    for (let from = 0; from < count; from += openedTogether) {
      const adding: Promise<void>[] = [];
      for (let number = from; number < Math.min(count, from + openedTogether); number += 1) {
        const index = Math.floor(number / membersOfRoom);
        const room = (rooms[index] ??= {
          id: `${name}-${index}`,
          members: [],
          deliveries: createDeliveries(membersOfRoom),
        });
        adding.push(addMember(room, port, () => random.between(0, 1)));
      }
      await Promise.all(adding);
    }
  },

  /** Members send so many messages a second, one room after the other, each member in turn. */
  talk({ messagesPerSecond }: { messagesPerSecond: number }) {
    const startedAt = performance.now();
    let said = 0;
    talking = setInterval(() => {
      const due = ((performance.now() - startedAt) * messagesPerSecond) / 1000;
      for (; said < due; said += 1) say(said);
      askAgain();
    }, tickMs);
  },

  /** No new messages; those without an answer are sent again. */
  hush() {
    clearInterval(talking);
    talking = setInterval(askAgain, tickMs);
  },

  state(): CrowdState {
    const byNode: Record<string, number> = {};
    let present = 0;
    for (const { members } of rooms)
      for (const member of members) {
        if (!member.present) continue;
        present += 1;
        byNode[member.node] = (byNode[member.node] ?? 0) + 1;
      }
    return { present, ended, startedOver, resynced, lastBackAt, received, refused, byNode };
  },

  /** Whether all that is owed came, and nothing twice. */
  tally(): CrowdTally {
    const total = { acknowledged: 0, lost: 0, repeated: 0, unanswered: unanswered.size };
    for (const { deliveries, members } of rooms) {
      const tally = deliveries.tally((member) => members[member]?.present ?? false);
      total.acknowledged += tally.acknowledged;
      total.lost += tally.lost;
      total.repeated += tally.repeated;
    }
    return total;
  },

  close() {
    clearInterval(talking);
    for (const { members } of rooms) for (const { client } of members) client.close();
  },
});
