import { byteLength } from "../util/byte-length.ts";

/** An Engine.IO packet; `message` carries one of Socket.IO's. */
export interface Packet {
  type: string;
  data?: unknown;
}

/**
 * Packets of one connection that are handled in one turn of the event loop, and of all connections together. The
 * others wait for the next turn, so that one request of a hundred thousand packets does not stall the process.
 */
export const perTurn = 16;
const perTurnOfAll = 512;

/** What one connection may have waiting. */
export interface InboxBounds {
  maxPackets: number;
  maxBytes: number;
}

/** Whose packets wait. */
export interface InboxOwner {
  handle(packet: Packet): void;
  /** More waits than may; the connection must be ended. */
  overflow(): void;
  /** Packets begin to wait, or none waits any more. */
  backlog(isWaiting: boolean): void;
}

let turn = 0;
let isTurnScheduled = false;
/** In all inboxes, for tests: both are 0 when no client sends. */
const waiting = { packets: 0, bytes: 0 };
export const waitingInInboxes = (): { packets: number; bytes: number } => ({ ...waiting });
const backlogged = new Set<Inbox>();

/** The packets of one connection, in the order in which they came, over a change of transport too. */
export class Inbox {
  readonly #owner: InboxOwner;
  readonly #bounds: InboxBounds;
  #waiting: Packet[] = [];
  #first = 0;
  #bytes = 0;
  #turn = -1;
  #handled = 0;
  #isHeld = false;
  /** Whether its owner knows that packets wait. */
  #isBehind = false;
  #isClosed = false;

  constructor(owner: InboxOwner, bounds: InboxBounds) {
    this.#owner = owner;
    this.#bounds = bounds;
  }

  add(packet: Packet): void {
    if (this.#isClosed) return;
    if (this.#turn !== turn) {
      this.#turn = turn;
      this.#handled = 0;
      scheduleTurn();
    }
    if (this.#size === 0 && !this.#isHeld && this.#handled < perTurn) {
      this.#handled += 1;
      return this.#owner.handle(packet);
    }
    this.#waiting.push(packet);
    this.#count(1, byteLength(packet.data));
    if (this.#size > this.#bounds.maxPackets || this.#bytes > this.#bounds.maxBytes) {
      this.close();
      return this.#owner.overflow();
    }
    this.#tell(true);
    if (!this.#isHeld) backlogged.add(this);
    scheduleTurn();
  }

  /** Handles nothing until `resume`, as when the answer to a packet is still to be found. */
  hold(): void {
    this.#isHeld = true;
    backlogged.delete(this);
  }

  resume(): void {
    this.#isHeld = false;
    if (this.#isClosed) return;
    // The packet that was held last may have been the last one that waited: its owner reads on.
    if (this.#size === 0) return this.#forgetHandled();
    backlogged.add(this);
    scheduleTurn();
  }

  /** Forgets what waits. */
  close(): void {
    this.#isClosed = true;
    this.#count(-this.#size, -this.#bytes);
    this.#waiting = [];
    this.#first = 0;
    backlogged.delete(this);
    // A WebSocket that is not read would not see the client's answer to its close frame, and be held for 2 s more.
    this.#tell(false);
  }

  get #size(): number {
    return this.#waiting.length - this.#first;
  }

  #count(packets: number, bytes: number): void {
    this.#bytes += bytes;
    waiting.packets += packets;
    waiting.bytes += bytes;
  }

  /** @returns how many packets were handled. */
  work(): number {
    let count = 0;
    while (count < perTurn && this.#size > 0 && !this.#isHeld) {
      const packet = this.#waiting[this.#first] as Packet;
      this.#first += 1;
      count += 1;
      this.#count(-1, -byteLength(packet.data));
      this.#owner.handle(packet);
    }
    if (this.#isClosed || this.#isHeld || this.#size > 0) return count;
    backlogged.delete(this);
    this.#forgetHandled();
    return count;
  }

  #forgetHandled(): void {
    this.#waiting = [];
    this.#first = 0;
    this.#tell(false);
  }

  #tell(isBehind: boolean): void {
    if (this.#isBehind === isBehind) return;
    this.#isBehind = isBehind;
    this.#owner.backlog(isBehind);
  }
}

function scheduleTurn(): void {
  if (isTurnScheduled) return;
  isTurnScheduled = true;
  setImmediate(beginTurn);
}

function beginTurn(): void {
  isTurnScheduled = false;
  turn += 1;
  let handled = 0;
  // A copy: an inbox that had its turn goes to the end, for the next.
  for (const inbox of Array.from(backlogged)) {
    if (handled >= perTurnOfAll) break;
    if (backlogged.delete(inbox)) backlogged.add(inbox);
    handled += inbox.work();
  }
  if (backlogged.size > 0) scheduleTurn();
}

/** Whether a long-polling body has more packets than may wait, found without taking the body apart. */
export function hasTooManyPackets(body: string, maxPackets: number): boolean {
  let count = 1;
  for (let at = body.indexOf("\x1e"); at >= 0; at = body.indexOf("\x1e", at + 1))
    if ((count += 1) > maxPackets) return true;
  return false;
}
