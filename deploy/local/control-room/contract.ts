/* What the control room's server tells its page, as JSON. */

export const actions = ["kill", "hang", "wake", "stop", "start", "restart"] as const;
export type Action = (typeof actions)[number];

/**
 * What a part's process is, whatever it answers. `hung`: paused by SIGSTOP, as a process is that no longer gets to
 * run. `stopping`: it was told to end (SIGTERM) and may still finish what it does.
 */
export type ProcessState = "starting" | "running" | "hung" | "stopping" | "dead";

/** What a person is shown: `serving` answers; `silent` runs and does not answer. */
export type PartState = "starting" | "serving" | "draining" | "silent" | "hung" | "dead";

export interface PartView {
  /** `redis`, `caddy`, `replica-1` and so on. */
  part: string;
  kind: "redis" | "caddy" | "replica";
  /** As people call it: `Redis`, `Caddy`, or the replica's node id. */
  label: string;
  /** Such as `node 24.21.0`; empty until it is known. */
  version: string;
  state: PartState;
  pid: number;
  port: number;
  /** How it ended, and the last lines it wrote: only of one that is dead. */
  ended?: { how: string; lastLines: string };
  /** Only of a replica that answers. */
  replica?: ReplicaFigures;
  /** Only of a Redis that answers. */
  redis?: RedisFigures;
  /** How long its last answer took; only of a part that answers. */
  answerMs?: number;
}

export interface ReplicaFigures {
  mode: string;
  sockets: number;
  /** Rooms with members there. */
  rooms: number;
  /** Events from clients in the last second or two. */
  eventsPerSecond: number;
  /** From an event's arrival to its acknowledgement; undefined while there are none. */
  p50Ms?: number;
  p99Ms?: number;
  /** Room events kept until Redis is back. */
  outbox: number;
}

export interface RedisFigures {
  version: string;
  clients: number;
  commandsPerSecond: number;
  usedMemory: string;
}

export interface LogLine {
  id: number;
  /** Milliseconds since 1970. */
  at: number;
  text: string;
  kind: "good" | "bad" | "note";
}

export interface Snapshot {
  at: number;
  parts: PartView[];
  /** Lines that are new since the snapshot before; the first a page gets has all that are kept. */
  log: LogLine[];
}

/** One moment of the charts, by part. Undefined where a replica did not answer. */
export interface Moment {
  at: number;
  replicas: Record<string, Pick<ReplicaFigures, "eventsPerSecond" | "p50Ms" | "p99Ms"> | undefined>;
}

/** The first thing a page is sent. */
export interface Greeting {
  /** Where the cluster is open to people: Caddy's port. */
  clusterPort: number;
  /** The id of the room of the page's two users: another for every start of the cluster. */
  room: string;
  history: Moment[];
}

/** How long the charts look back. */
export const chartWindowMs = 120_000;
export const everyMs = 500;
