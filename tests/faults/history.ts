/** What happened in a run, as its clients saw it. Times are milliseconds of one clock. */
export interface History {
  members: Member[];
  messages: Message[];
  windows: Window[];
  /** Waits for what is promised within a time, other than acknowledgements and deliveries. */
  promised: Promised[];
  /** What the machine alone took meanwhile. */
  rounds: Round[];
  /** Events that replicas delivered before their turn in the stream, because Redis was slow or away. */
  early: number;
}

/** One client, a member of the room all the time. */
export interface Member {
  name: string;
  /** The replica that serves it, by the latest `mode` event. */
  nodeId: string | undefined;
  deliveries: Delivery[];
  connects: Connect[];
  disconnects: { at: number; reason: string }[];
  /** The server said that room events may have been missed. */
  resyncs: { at: number; reason: string }[];
}

export interface Connect {
  at: number;
  recovered: boolean;
  /** When it was in the room again; only from then on a client that was not recovered is owed messages. */
  joinedAt?: number;
}

/** A message; `seq` counts a sender's messages from 1, without holes. */
export interface Message {
  sender: string;
  seq: number;
  sentAt: number;
  acknowledgedAt?: number;
}

export interface Delivery {
  sender: string;
  seq: number;
  at: number;
  /** Whether sender and receiver were on one replica. */
  local: boolean;
}

/** The time of a fault in which nothing may wait. */
export interface Window {
  name: string;
  from: number;
  to: number;
}

export interface Promised {
  what: string;
  from: number;
  /** Infinity if it did not happen. */
  to: number;
  maxMs: number;
}

/** A round of the probe, and how much longer it took than its work: see probe.ts. */
export interface Round {
  from: number;
  to: number;
  lateMs: number;
}

export function createHistory(): History {
  return {
    members: [],
    messages: [],
    windows: [],
    promised: [],
    rounds: [],
    early: 0,
  };
}
