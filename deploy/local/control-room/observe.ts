import { setTimeout as delay } from "node:timers/promises";
import {
  type LogLine,
  type Moment,
  type PartState,
  type PartView,
  type ReplicaFigures,
  type Snapshot,
  chartWindowMs,
  everyMs,
} from "./contract.ts";
import type { Journal } from "./journal.ts";
import type { Parts } from "./parts.ts";
import { type ReplicaAnswer, createCaddyProbe, createRedisProbe, createReplicaProbe } from "./probes.ts";
import { sumOf } from "./prometheus.ts";
import { createRates } from "./rates.ts";

const silentMs = 1500;

/** What a part last answered; `undefined` while it does not. */
type Answer = Pick<PartView, "version" | "replica" | "redis" | "answerMs"> & { status?: string };

export interface Observer {
  snapshot: (log: LogLine[]) => Snapshot;
  history: () => Moment[];
  /** Calls after every look at the parts. @returns what ends that. */
  onTick: (listener: () => void) => () => void;
  stop: () => void;
}

/**
 * Looks at every part twice a second, each in a loop of its own: one that hangs delays nobody else's figures.
 */
export function createObserver(parts: Parts, journal: Journal): Observer {
  const stopping = new AbortController();
  const answers = new Map<string, Answer>();
  /** Of each part, the process that has answered once: before that it starts. */
  const answered = new Map<string, number>();
  const shown = new Map<
    string,
    { state: PartState; mode?: string | undefined; since: number; isSilent: boolean }
  >();
  const listeners = new Set<() => void>();
  let moments: Moment[] = [];
  const closers: (() => void)[] = [];

  async function every(run: () => void | Promise<void>): Promise<void> {
    while (!stopping.signal.aborted) {
      await run();
      await delay(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const pidOf = (name: string) => parts.list().find((part) => part.name === name)?.pid ?? 0;
  for (const { name, kind, port } of parts.list()) {
    const probe = probeOf(kind, port);
    if (probe.close) closers.push(probe.close);
    void every(async () => {
      const since = performance.now();
      const pid = pidOf(name);
      try {
        const answer = await probe.read();
        answered.set(name, pid);
        answers.set(name, { ...answer, answerMs: performance.now() - since });
      } catch {
        answers.delete(name);
        probe.forget?.();
      }
    });
  }

  function view(part: ReturnType<Parts["list"]>[number]): PartView {
    const { name, state: process, ...rest } = part;
    const answer = process === "dead" || process === "hung" ? undefined : answers.get(name);
    const { status = "serving", ...figures } = answer ?? {
      version: "",
      status: answered.get(name) === part.pid ? "" : "starting",
    };
    return { part: name, ...rest, ...figures, state: stateOf(process, status) };
  }

  /** Changes of state and mode are news. */
  function tell({ part, label, kind, state, replica }: PartView): void {
    const before = shown.get(part);
    const mode = replica?.mode ?? before?.mode;
    const at = performance.now();
    const isSame = before?.state === state;
    const since = isSame ? before.since : at;
    const seconds = ((at - (before?.since ?? at)) / 1000).toFixed(1);
    // One that was paused needs a moment: no news yet.
    const isSilent = state === "silent" && at - since > silentMs;
    if (isSilent && !before?.isSilent) journal.add(`${label} does not answer`, "bad");
    if (before?.isSilent && state === "serving")
      journal.add(`${label} answers again after ${seconds} s`, "good");
    if (before && !isSame && state === "draining" && kind === "replica")
      journal.add(`${label} drains: nobody new is sent to it`);
    shown.set(part, { state, mode, since, isSilent });
    if (kind === "replica" && before?.mode && mode !== before.mode)
      journal.add(`${label} is in ${mode} mode`, mode === "degraded" ? "bad" : "good");
  }

  void every(() => {
    const views = parts.list().map(view);
    views.forEach(tell);
    const at = Date.now();
    const replicas = views.flatMap(({ part, replica }) => (replica ? [[part, replica] as const] : []));
    moments = [
      ...moments.filter((moment) => at - moment.at < chartWindowMs),
      { at, replicas: Object.fromEntries(replicas) },
    ];
    for (const listener of listeners) listener();
  });

  return {
    snapshot: (log) => ({ at: Date.now(), parts: parts.list().map(view), log }),
    history: () => moments,
    onTick(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop() {
      stopping.abort();
      for (const close of closers) close();
    },
  };
}

/** @param status as the part tells it; empty if it does not. */
function stateOf(process: string, status: string): PartState {
  if (process === "dead" || process === "hung") return process;
  if (process === "stopping") return "draining";
  if (status === "serving") return "serving";
  if (process === "starting" || status === "starting") return "starting";
  return status === "draining" ? "draining" : "silent";
}

interface Probe {
  read: () => Promise<Answer>;
  /** When there was no answer. */
  forget?: () => void;
  close?: () => void;
}

function probeOf(kind: PartView["kind"], port: number): Probe {
  if (kind === "caddy") {
    const ask = createCaddyProbe(port);
    return { read: () => ask().then(() => ({ version: `port ${port}` })) };
  }
  if (kind === "redis") {
    const probe = createRedisProbe(port);
    return {
      async read() {
        const redis = await probe.read();
        return { version: redis.version, redis };
      },
      close: probe.close,
    };
  }
  const ask = createReplicaProbe(port);
  const rates = createRates();
  return {
    async read() {
      const answer = await ask();
      const replica = toFigures(answer, rates.add(performance.now(), answer.samples));
      return { version: answer.runtime, status: answer.status, replica };
    },
    forget: rates.clear,
  };
}

function toFigures(
  { mode, samples, documents }: ReplicaAnswer,
  { eventsPerSecond, p50Ms, p99Ms }: ReturnType<ReturnType<typeof createRates>["add"]>,
): ReplicaFigures {
  return {
    mode,
    documents,
    eventsPerSecond,
    sockets: sumOf(samples, "trimaran_connections"),
    outbox: sumOf(samples, "trimaran_outbox_entries"),
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p99Ms !== undefined && { p99Ms }),
  };
}
