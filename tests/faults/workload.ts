import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "../../deploy/local/process.ts";
import { missing } from "./deliveries.ts";
import { freshDocument } from "./documents.ts";
import { type History, createHistory } from "./history.ts";
import { ownAddress } from "./address.ts";
import { type Member, createMember } from "./member.ts";
import type { Random } from "../support/random.ts";
import { patienceMs } from "./scenario.ts";

export interface WorkloadOptions {
  random: Random;
  /** Where a member connects: the balancer, or a replica of its own. */
  url: (index: number) => string;
  members: number;
}

export interface Load {
  messagesPerSecond: number;
  wordsPerSecond: number;
  /** Length of each message. */
  length: number;
}

export type Workload = ReturnType<typeof createWorkload>;

const defaultLoad: Load = { messagesPerSecond: 10, wordsPerSecond: 4, length: 5 };
const settleMs = 20_000;
/** A double can come late, and nothing else tells that none will. */
const quietMs = 700;

/** People in one document who type and chat, and the history of it. */
export function createWorkload({ random, url, members: count }: WorkloadOptions) {
  const history: History = createHistory();
  const documentId = `faults-${Math.floor(random.between(1, 1e9))}`;
  const members: Member[] = [];
  let running: Promise<unknown> | undefined;
  let load = new AbortController();

  async function work(everyMs: number, act: () => unknown): Promise<void> {
    const { signal } = load;
    let due = performance.now() + random.between(0, everyMs);
    while (!signal.aborted) {
      await delay(Math.max(0, due - performance.now()));
      if (signal.aborted) return;
      await act();
      // Someone who had to wait goes on at the usual pace and does not make up for it.
      due = Math.max(due + everyMs, performance.now());
    }
  }

  return {
    history,
    documentId,
    members,

    /** Connects everyone; resolves when all are in sync. */
    async join(): Promise<void> {
      for (let index = members.length; index < count; index += 1) {
        const name = `m${index}`;
        members.push(createMember({ name, url: url(index), documentId, history, ...ownAddress() }));
      }
      await waitFor(
        "all members are in sync",
        () => members.every(({ provider }) => provider.synced),
        patienceMs,
      );
    },

    isLoaded: () => running !== undefined && !load.signal.aborted,

    start(options: Partial<Load> = {}): void {
      const { messagesPerSecond, wordsPerSecond, length } = { ...defaultLoad, ...options };
      const content = "x".repeat(length);
      load = new AbortController();
      running = Promise.all(
        members.flatMap((member) => [
          messagesPerSecond > 0 && work(1000 / messagesPerSecond, () => member.say(content)),
          wordsPerSecond > 0 && work(1000 / wordsPerSecond, () => member.type()),
        ]),
      );
      running.catch(() => undefined);
    },

    /** Stops the load; resolves when everything sent is acknowledged. */
    async pause(): Promise<void> {
      load.abort();
      await settled("every message is acknowledged", () => allAcknowledged(history));
      await settled("every edit is acknowledged", () => members.every((member) => member.saved()));
    },

    /** @returns whether every member's document has every word that was typed up to this call. */
    hasAll(): () => boolean {
      const words = history.tokens.map(({ text }) => text);
      return () =>
        members.every((member) => {
          const known = member.words();
          return words.every((word) => known.has(word));
        });
    },

    /**
     * Ends the load and waits until everyone has everything, as far as that will ever be; what is not
     * so by then is for the checker to find.
     */
    async settle(replicaUrls: readonly string[]): Promise<void> {
      await this.pause();
      await settled("every member has every message", () => missing(history).length === 0);
      await settled("all documents are equal", () => areEqual(members));
      await delay(quietMs);
      history.documents = [
        ...members.map((member) => member.document()),
        ...(await Promise.all(replicaUrls.map((replicaUrl) => freshDocument(replicaUrl, documentId)))),
      ];
    },

    close(): void {
      load.abort();
      for (const member of members) member.close();
    },
  };
}

/** Waits for what the checker would find missing; it says so better than a deadline here. */
async function settled(what: string, condition: () => boolean): Promise<void> {
  await waitFor(what, condition, settleMs).catch(() => undefined);
}

function allAcknowledged({ messages }: History): boolean {
  return messages.every(({ acknowledgedAt }) => acknowledgedAt !== undefined);
}

function areEqual(members: readonly Member[]): boolean {
  const states = members.map((member) => {
    const { stateVector, text } = member.document();
    return stateVector + text;
  });
  return new Set(states).size <= 1;
}
