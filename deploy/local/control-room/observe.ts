import { setTimeout as delay } from "node:timers/promises";
import {
  type LogLine,
  type Moment,
  type PartState,
  type PartView,
  type Snapshot,
  chartWindowMs,
  everyMs,
} from "./contract.ts";
import type { Journal } from "./journal.ts";
import { createNews } from "./news.ts";
import type { Parts } from "./parts.ts";
import { createCaddyProbe } from "./probes/caddy.ts";
import type { Answer, Probe } from "./probes/probe.ts";
import { createRedisProbe } from "./probes/redis.ts";
import { createReplicaProbe } from "./probes/replica.ts";

/** A part's last answer, and how long it took. */
type TimedAnswer = Answer & Pick<PartView, "answerMs">;

export interface Observer {
  snapshot: (log: LogLine[]) => Snapshot;
  history: () => Moment[];
  /** Calls after every look at the parts. @returns what ends that. */
  onTick: (listener: () => void) => () => void;
  stop: () => void;
}

/** Looks at every part twice a second, each in a loop of its own: a part that hangs delays the figures of no other. */
export function createObserver(parts: Parts, journal: Journal): Observer {
  const stopping = new AbortController();
  /** A part that does not respond has none. */
  const answers = new Map<string, TimedAnswer>();
  /** Of each part, the pid that has responded once: until then the part is starting. */
  const answered = new Map<string, number>();
  const tell = createNews(journal);
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

function probeOf(kind: PartView["kind"], port: number): Probe {
  if (kind === "caddy") return createCaddyProbe(port);
  return kind === "redis" ? createRedisProbe(port) : createReplicaProbe(port);
}
