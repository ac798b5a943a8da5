import { setTimeout as delay } from "node:timers/promises";
import { waitFor } from "../../deploy/local/process.ts";
import type { Random } from "../support/random.ts";
import { ownAddress } from "./address.ts";
import { hasAllSent, missing } from "./deliveries.ts";
import { featureWorkloads } from "./features.ts";
import { type History, createHistory } from "./history.ts";
import { type Member, createMember } from "./member.ts";
import { patienceMs } from "./scenario.ts";
import type { Speech } from "./speech.ts";

export interface WorkloadOptions {
  random: Random;
  /** Where a member connects: the balancer, or a replica of its own. */
  url: (index: number) => string;
  members: number;
  speech?: Speech | undefined;
}

export interface Load {
  messagesPerSecond: number;
  /** Of each feature. */
  actsPerSecond: number;
  /** Length of each message. */
  length: number;
}

export type Workload = ReturnType<typeof createWorkload>;

const defaultLoad: Load = { messagesPerSecond: 10, actsPerSecond: 4, length: 5 };
const settleMs = 20_000;
/** A double can come late, and nothing else tells that none will. */
const quietMs = 700;

/** Members of one room who speak and do what features do, and the history of it. */
export function createWorkload({ random, url, members: count, speech }: WorkloadOptions) {
  const history: History = createHistory();
  const documentId = `faults-${Math.floor(random.between(1, 1e9))}`;
  const runs = featureWorkloads.map(({ acts, start }) => ({ acts, ...start(documentId) }));
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
      // A member that had to wait goes on at the usual pace and does not make up for it.
      due = Math.max(due + everyMs, performance.now());
    }
  }

  return {
    history,
    documentId,
    members,

    /** Connects all members; resolves when all are in sync. */
    async join(): Promise<void> {
      for (let index = members.length; index < count; index += 1) {
        const name = `m${index}`;
        const common = { documentId, history, runs, speech, ...ownAddress() };
        members.push(createMember({ name, url: url(index), ...common }));
      }
      await waitFor("all members are in sync", () => members.every(({ synced }) => synced), patienceMs);
    },

    isLoaded: () => running !== undefined && !load.signal.aborted,

    start(options: Partial<Load> = {}): void {
      const { messagesPerSecond, actsPerSecond, length } = { ...defaultLoad, ...options };
      const text = "x".repeat(length);
      load = new AbortController();
      running = Promise.all(
        members.flatMap((member) => [
          messagesPerSecond > 0 && work(1000 / messagesPerSecond, () => member.say(text)),
          actsPerSecond > 0 && work(1000 / actsPerSecond, () => member.act()),
        ]),
      );
      running.catch(() => undefined);
    },

    /** Stops the load; resolves when everything sent is acknowledged. */
    async pause(): Promise<void> {
      load.abort();
      await settled("every message is acknowledged", () => allAcknowledged(history));
      await settled("all else is acknowledged", () => runs.every((run) => run.isAcknowledged()));
    },

    /** @returns of messages and of what features do: whether every member has all that there is up to this call. */
    hasAll: (): [what: string, condition: () => boolean][] => [
      ["messages", hasAllSent(history)],
      ...runs.map((run): [string, () => boolean] => [run.acts, run.hasAll()]),
    ],

    /**
     * Ends the load and waits until all members have everything, as far as that will ever be; what is not so by then is
     * for the checker to find.
     */
    async settle(replicaUrls: readonly string[]): Promise<void> {
      await this.pause();
      await settled("every member has every message", () => missing(history).length === 0);
      await settled("all else is everywhere", () => runs.every((run) => run.isEverywhere()));
      await delay(quietMs);
      for (const run of runs) run.keep();
      await Promise.all(replicaUrls.map((replicaUrl) => this.visit(replicaUrl)));
    },

    /** Has features look at a replica as a new client does. */
    async visit(replicaUrl: string, where = `a fresh join at ${replicaUrl}`): Promise<void> {
      await Promise.all(runs.map((run) => run.visit(replicaUrl, where)));
    },

    /** What features found, of all that happened so far. */
    outcomes: () => runs.map((run) => run.outcome()),

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
