import { byteLength } from "../shared/byte-length.ts";
import { type Refusal, toReply } from "../shared/errors.ts";
import type { DoorOptions, DoorReason } from "./door-options.ts";
import type { EngineConnection, EngineTransport } from "./engine-connection.ts";
import { countEntering } from "./entering.ts";
import { Inbox, type InboxOwner, type Packet } from "./inbox.ts";
import { boundInput } from "./input-bound.ts";

/*
 * The door between the engine and Socket.IO, alike for both engines. Socket.IO makes an object and runs the
 * middlewares for every CONNECT before it refuses it, keeps attachments of an event that never come, and takes as
 * many packets at once as a body has. Here each is bounded before any of that work is done.
 */

/** Of a namespace's name, which the door and Socket.IO keep. */
const maxNamespaceLength = 256;
const sweepEveryMs = 1000;

type NamespaceState = "asked" | "entered";

/** Guards connections; `createDoor(options).guard` must see each before Socket.IO does. */
export function createDoor(options: DoorOptions) {
  /** Connections with an event whose attachments are still to come. */
  const unfinished = new Set<Guard>();
  /** Attempts to enter whose verdict is still to come. */
  let asked = 0;
  const mayEnter = (connection: EngineConnection) => {
    asked += 1;
    return options.mayEnter(connection).finally(() => (asked -= 1));
  };
  const guarded: DoorOptions = { ...options, mayEnter };
  const entering = countEntering(options.bounds.maxEntering);
  let sweeper: ReturnType<typeof setInterval> | undefined;

  function sweep(): void {
    const now = Date.now();
    for (const guard of unfinished) guard.endIfLate(now);
    if (unfinished.size > 0) return;
    clearInterval(sweeper);
    sweeper = undefined;
  }

  function watch(guard: Guard): void {
    unfinished.add(guard);
    sweeper ??= setInterval(sweep, Math.min(sweepEveryMs, options.bounds.attachmentsTimeoutMs)).unref();
  }

  const guards = new WeakMap<EngineConnection, Guard>();
  function onUpgrade(this: EngineConnection, transport: EngineTransport): void {
    Reflect.deleteProperty(transport, "onPacket");
    guards.get(this)?.stand(transport);
  }
  /** A transport that asked to take over may do so, and ask nothing more: on Bun each probe starts a timer. */
  function onUpgrading(this: EngineConnection, transport: EngineTransport): void {
    const { onPacket } = transport;
    transport.onPacket = (packet) => {
      if (packet.type === "upgrade") return onPacket.call(transport, packet);
      options.onRefused("protocol");
      transport.close();
    };
  }
  function onPacketCreate(this: EngineConnection, packet: Packet): void {
    if (packet.type === "ping") guards.get(this)?.expectPong();
    else if (typeof packet.data === "string") guards.get(this)?.noteAnswer(packet.data);
  }
  function onClose(this: EngineConnection): void {
    guards.get(this)?.leave();
  }

  return {
    guard(connection: EngineConnection): void {
      const entered = entering.add(options.addressOf(connection));
      const guard = new Guard(connection, guarded, watch, (each) => unfinished.delete(each), entered);
      guards.set(connection, guard);
      guard.stand(connection.transport);
      connection.on("upgrading", onUpgrading);
      connection.on("upgrade", onUpgrade);
      connection.on("packetCreate", onPacketCreate);
      connection.on("close", onClose);
    },
    /** Whether one more connection may be made for an address; asked before the engine makes anything for it. */
    mayOpen(address: string): boolean {
      const mayOpen = entering.mayOpen(address);
      if (!mayOpen) options.onRefused("entering");
      return mayOpen;
    },
    /**
     * For tests: connections whose event is not whole, attempts to enter that have no verdict yet, and connections
     * that have not entered.
     */
    held: () => ({ unfinished: unfinished.size, asked, entering: entering.total() }),
  };
}

/** What the door knows of one connection. */
class Guard implements InboxOwner {
  readonly #connection: EngineConnection;
  readonly #options: DoorOptions;
  readonly #inbox: Inbox;
  readonly #watch: (guard: Guard) => void;
  readonly #unwatch: (guard: Guard) => void;
  /** Undefined once the connection has entered, or is closed. */
  #onEntered: (() => void) | undefined;
  /** By name; most have `/` alone. */
  readonly #namespaces = new Map<string, NamespaceState>();
  #pass: ((packet: Packet) => void) | undefined;
  #failedAttempts = 0;
  #isPongExpected = false;
  #attachmentsLeft = 0;
  #attachmentBytes = 0;
  #attachmentsSince = 0;

  constructor(
    connection: EngineConnection,
    options: DoorOptions,
    watch: (guard: Guard) => void,
    unwatch: (guard: Guard) => void,
    onEntered: () => void,
  ) {
    this.#onEntered = onEntered;
    this.#connection = connection;
    this.#options = options;
    this.#watch = watch;
    this.#unwatch = unwatch;
    // What an engine takes at once, and as much again.
    this.#inbox = new Inbox(this, {
      maxPackets: options.bounds.maxWaitingPackets,
      maxBytes: options.maxEventBytes * 2,
    });
  }

  /** Takes the packets of a transport, the first one or the one after an upgrade. */
  stand(transport: EngineTransport): void {
    boundInput(transport, this.#maxInputBytes());
    const { onPacket } = transport;
    this.#pass = (packet) => onPacket.call(transport, packet);
    transport.onPacket = (packet) => this.#inbox.add(packet);
  }

  overflow(): void {
    this.#end("packet_flood");
  }

  backlog(isWaiting: boolean): void {
    const { socket } = this.#connection.transport;
    if (isWaiting) socket?.pause?.();
    else socket?.resume?.();
  }

  expectPong(): void {
    this.#isPongExpected = true;
  }

  /** Looks at what Socket.IO answers: only that tells whether a namespace was entered. */
  noteAnswer(data: string): void {
    switch (data[0]) {
      case "0":
        this.#namespaces.set(namespaceOf(data), "entered");
        this.#stopEntering();
        boundInput(this.#connection.transport, this.#maxInputBytes());
        break;
      case "4":
        this.#failedAttempts += 1;
        this.#namespaces.delete(namespaceOf(data));
        break;
      case "1":
        this.#namespaces.delete(namespaceOf(data));
    }
  }

  endIfLate(now: number): void {
    if (now - this.#attachmentsSince > this.#options.bounds.attachmentsTimeoutMs) this.#end("attachments");
  }

  leave(): void {
    this.#inbox.close();
    // A verdict that comes later hands its CONNECT to nothing: the engine takes a WebSocket that was ended for open a while longer.
    this.#pass = undefined;
    this.#unwatch(this);
    this.#stopEntering();
  }

  handle(packet: Packet): void {
    if (this.#connection.readyState !== "open") return;
    if (packet.type === "pong") {
      // Each would leave a timer on Bun.
      if (!this.#isPongExpected) return;
      this.#isPongExpected = false;
    } else if (packet.type === "message" && !this.#mayPass(packet.data)) return;
    this.#pass?.(packet);
  }

  #maxInputBytes(): number {
    return this.#onEntered ? this.#options.maxEntryBytes : this.#options.maxEventBytes;
  }

  #stopEntering(): void {
    this.#onEntered?.();
    this.#onEntered = undefined;
  }

  #mayPass(data: unknown): boolean {
    if (typeof data !== "string") return this.#mayBringAttachment(byteLength(data));
    if (data[0] === "0") return this.#mayAsk(data);
    // Socket.IO ends the connection as well, but has read the packet by then.
    if (this.#namespaces.size === 0) return this.#end("protocol");
    if (data[0] === "1") this.#namespaces.delete(namespaceOf(data));
    else if (data[0] === "5" || data[0] === "6") return this.#expectAttachments(data);
    return true;
  }

  #mayAsk(data: string): boolean {
    const { maxConnectBytes, maxNamespaces, maxFailedAttempts } = this.#options.bounds;
    const namespace = namespaceOf(data);
    if (data.length > maxConnectBytes || namespace.length > maxNamespaceLength)
      return this.#end("large_connect");
    if (
      this.#namespaces.has(namespace) ||
      this.#namespaces.size >= maxNamespaces ||
      this.#failedAttempts >= maxFailedAttempts
    )
      return this.#end("connect_flood");
    this.#namespaces.set(namespace, "asked");
    this.#inbox.hold();
    this.#options.mayEnter(this.#connection).then(
      (refusal) => {
        if (this.#connection.readyState !== "open") return;
        if (refusal) this.#refuse(namespace, refusal);
        else this.#pass?.({ type: "message", data });
        this.#inbox.resume();
      },
      () => this.#end("protocol"),
    );
    return false;
  }

  /** As Socket.IO does, without making anything for it. */
  #refuse(namespace: string, refusal: Refusal): void {
    const { error } = toReply(refusal);
    const answer = JSON.stringify({ message: error.message, data: error });
    this.#connection.write(`4${namespace === "/" ? "" : `${namespace},`}${answer}`);
  }

  #expectAttachments(data: string): boolean {
    const count = Number(/^\d(\d{1,3})-/.exec(data)?.[1]);
    if (!(count > 0 && count <= this.#options.bounds.maxAttachments) || this.#attachmentsLeft > 0)
      return this.#end("attachments");
    this.#attachmentsLeft = count;
    this.#attachmentBytes = data.length;
    this.#attachmentsSince = Date.now();
    this.#watch(this);
    return true;
  }

  #mayBringAttachment(bytes: number): boolean {
    this.#attachmentBytes += bytes;
    if (this.#attachmentsLeft === 0 || this.#attachmentBytes > this.#options.maxEventBytes)
      return this.#end("attachments");
    this.#attachmentsLeft -= 1;
    if (this.#attachmentsLeft === 0) this.#unwatch(this);
    return true;
  }

  #end(reason: DoorReason): false {
    this.#options.onRefused(reason);
    this.leave();
    const { socket } = this.#connection.transport;
    // A close frame would wait behind what the client does not read.
    if (socket?.terminate) socket.terminate();
    else this.#connection.close(true);
    return false;
  }
}

/** `/admin` of `0/admin,{…}`; `/` if none is named. */
function namespaceOf(data: string): string {
  if (data[1] !== "/") return "/";
  const end = data.indexOf(",");
  return data.slice(1, end < 0 ? undefined : end);
}
