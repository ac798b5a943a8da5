import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "../../deploy/local/process.ts";
import { missing } from "./deliveries.ts";
import { freshDocument } from "./documents.ts";
import { type History, createHistory } from "./history.ts";
import { type Member, createMember } from "./member.ts";
import type { Random } from "./random.ts";

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
const settleMs = 30_000;
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
        members.push(createMember({ name: `m${index}`, url: url(index), documentId, history }));
      }
      await waitFor(
        "all members are in sync",
        () => members.every(({ provider }) => provider.synced),
        20_000,
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
      await waitFor("every message is acknowledged", () => allAcknowledged(history), settleMs).catch(
        () => {},
      );
      await waitFor(
        "every edit is acknowledged",
        () => members.every((member) => member.saved()),
        settleMs,
      ).catch(() => {});
    },

    /** How long it takes from now until every word typed up to now is in everybody's document. */
    async msUntilTogether(timeoutMs: number): Promise<number> {
      const startedAt = performance.now();
      const words = history.tokens.map(({ text }) => text);
      await waitFor(
        `what was typed is in everybody's document`,
        () =>
          members.every((member) => {
            const known = member.words();
            return words.every((word) => known.has(word));
          }),
        timeoutMs,
      );
      return performance.now() - startedAt;
    },

    /**
     * Ends the load and waits until everyone has everything, as far as that will ever be; what is not
     * so by then is for the checker to find.
     */
    async settle(replicaUrls: readonly string[]): Promise<void> {
      await this.pause();
      await waitFor("everyone has every message", () => missing(history).length === 0, 5000).catch(() => {});
      await waitFor("all documents are equal", () => areEqual(members), 10_000).catch(() => {});
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
