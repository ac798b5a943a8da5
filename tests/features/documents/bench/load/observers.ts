import { setTimeout as passes } from "node:timers/promises";
import * as encoding from "lib0/encoding";
import * as Y from "yjs";
import { createRandom } from "../../../../support/random.ts";
import { serveCommands } from "../../../../support/commands.ts";
import { addressOf } from "./address.ts";
import { type EditTally, createEdits } from "./edits.ts";
import { type LightClient, openLightClient } from "./light-client.ts";
import { typeSomewhere } from "./person.ts";
import { repeat } from "./repeat.ts";
import { joinTrimaran } from "./trimaran-join.ts";

/* One document that many look at, all with a cursor in it, while a few write. */

export interface Observers {
  /** Of the servers; observers and writers are on them in turn. */
  ports: number[];
  observers: number;
  writers: number;
  seed: number;
}

export interface Observed {
  forMs: number;
  cursorEveryMs: number;
  editEveryMs: number;
  seed: number;
}

export interface ObserversTally extends EditTally {
  /** Packets with others' cursors that came, to all observers together. */
  presencePackets: number;
  /** Observers that the server disconnected. */
  lost: number;
}

const documentId = "bench-presence";
const openedTogether = 50;
/** Every tenth is looked at for delays, each for whether it gets everything. */
const sampledOneIn = 10;
const keptBytes = 65_536;

const observers: LightClient[] = [];
const writers: { doc: Y.Doc; leave: () => void }[] = [];
let delays = createEdits(0);
let deliveries = createEdits(0);
let presencePackets = 0;
let lost = 0;
let stops: (() => void)[] = [];

/** An observer sees what it is sent: it has nothing that could be waiting for something else. */
function onChange(observer: number, update: Uint8Array): void {
  for (const { id, length } of Y.decodeUpdate(update).structs) {
    deliveries.seen(observer, id.client, id.clock + length);
    if (observer % sampledOneIn === 0) delays.seen(observer, id.client, id.clock + length);
  }
}

async function addObserver(index: number, port: number): Promise<void> {
  const client = await openLightClient({
    port,
    keptBytes,
    address: addressOf(index),
    onEvent(event, attachment) {
      if (event === "receive-presence") presencePackets += 1;
      else if (event === "receive-changes") onChange(index, attachment);
    },
    onClose: () => (lost += 1),
  });
  observers[index] = client;
  await client.enter();
  await client.request("join-document", { documentId }, { stateVector: Uint8Array.of(0) });
}

/** As y-protocols' awareness encodes one client's state. */
function presenceOf(index: number, clock: number, at: number): Uint8Array {
  const state = {
    user: { name: `Observer ${index}`, color: "#3b82f6" },
    cursor: { anchor: at, head: at + 3 },
  };
  return encoding.encode((encoder) => {
    for (const number of [1, index + 1, clock]) encoding.writeVarUint(encoder, number);
    encoding.writeVarString(encoder, JSON.stringify(state));
  });
}

serveCommands({
  async open({ ports, observers: count, writers: writerCount, seed }: Observers) {
    delays = createEdits(Math.ceil(count / sampledOneIn));
    deliveries = createEdits(count);
    const portOf = (index: number) => ports[index % ports.length] ?? 0;
    for (let from = 0; from < count; from += openedTogether) {
      const indexes = Array.from({ length: Math.min(openedTogether, count - from) }, (_, i) => from + i);
      await Promise.all(indexes.map((index) => addObserver(index, portOf(index))));
    }
    for (let index = 0; index < writerCount; index += 1) {
      const doc = new Y.Doc();
      // Not one of the observers' numbers, which are small.
      doc.clientID = 1_000_000 + seed * 100 + index;
      writers.push({ doc, leave: (await joinTrimaran(portOf(index), documentId, doc)).leave });
    }
  },

  /** Cursors move and writers write for a while; cursors go on moving after that. */
  async observe({ forMs, cursorEveryMs, editEveryMs, seed }: Observed) {
    for (const stop of stops) stop();
    for (const edits of [delays, deliveries]) edits.reset();
    presencePackets = 0;
    const { index: below } = createRandom(seed);
    let clock = Math.round(performance.now());
    const cursors = repeat({
      count: observers.length,
      everyMs: cursorEveryMs,
      seed,
      act(index) {
        clock += 1;
        observers[index]?.send(
          "send-presence",
          { documentId },
          { update: presenceOf(index, clock, below(5000)) },
        );
      },
    });
    const writing = repeat({
      count: writers.length,
      everyMs: editEveryMs,
      seed: seed + 1,
      act(index) {
        const doc = writers[index]?.doc;
        if (!doc) return;
        const endClock = typeSomewhere(doc, below);
        for (const edits of [delays, deliveries]) edits.made(doc.clientID, endClock);
      },
    });
    stops = [cursors, writing];
    await passes(forMs);
    writing();
  },

  tally: (): ObserversTally => ({
    ...deliveries.tally(),
    delaysMs: delays.tally().delaysMs,
    presencePackets,
    lost,
  }),

  close() {
    for (const stop of stops) stop();
    for (const { leave } of writers.splice(0)) leave();
    for (const client of observers.splice(0)) client.close();
  },
});
