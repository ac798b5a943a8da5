/* The door's guards, each taken out of its source once, and the test that must find it. */

export interface Sabotage {
  guard: string;
  /** In this source `from`, which is there once, becomes `to`. */
  file: string;
  from: string;
  to: string;
  /** The test that fails then: of a file, or of the door's suite against a server on a runtime. */
  foundBy: { file?: string; runtime?: "node" | "bun" | "deno"; test: string };
}

const door = "src/runtime/door.ts";
const inbox = "src/runtime/inbox.ts";
const inDoor = (test: string) => ({ file: "tests/unit/runtime/door.test.ts", test });
const inInbox = (test: string) => ({ file: "tests/unit/runtime/inbox.test.ts", test });
const onNode = (test: string) => ({ runtime: "node" as const, test });
const onBun = (test: string) => ({ runtime: "bun" as const, test });

export const sabotages: readonly Sabotage[] = [
  {
    guard: "packets of one connection in a turn",
    file: inbox,
    from: "perTurn = 16;",
    to: "perTurn = 1e9;",
    foundBy: inInbox(
      "of many at most 16 are handled in a turn, in order, and the transport pauses meanwhile",
    ),
  },
  {
    guard: "packets of all connections in a turn",
    file: inbox,
    from: "perTurnOfAll = 512;",
    to: "perTurnOfAll = 1e9;",
    foundBy: inInbox("floods on many connections have few packets handled in one turn, all together"),
  },
  {
    guard: "packets that wait",
    file: inbox,
    from: "this.#size > this.#bounds.maxPackets || ",
    to: "",
    foundBy: inInbox("too many packets, or bytes, end it once, and what waits is forgotten"),
  },
  {
    guard: "bytes that wait",
    file: inbox,
    from: " || this.#bytes > this.#bounds.maxBytes",
    to: "",
    foundBy: inInbox("too many packets, or bytes, end it once, and what waits is forgotten"),
  },
  {
    guard: "a WebSocket is not read while packets wait",
    file: door,
    from: "if (isWaiting) socket?.pause?.();",
    to: "if (isWaiting) return;",
    foundBy: inDoor("while packets wait the WebSocket is not read any further"),
  },
  {
    guard: "packets of a polling body",
    file: inbox,
    from: "if ((count += 1) > maxPackets) return true;",
    to: "count += 1;",
    foundBy: inInbox("a body of more packets than may wait is recognised without taking it apart"),
  },
  {
    guard: "packets of a polling body, on Node and Deno",
    file: "src/runtime/node.ts",
    from: "if (hasTooManyPackets(body, maxPackets)) {",
    to: "if (body === undefined) {",
    foundBy: onNode(
      "more packets than one body may have: the session is ended at once, and Socket.IO makes one socket at most",
    ),
  },
  {
    guard: "packets of a polling body, on Bun",
    file: "src/runtime/bun-bodies.ts",
    from: "if (hasTooManyPackets(body, maxPackets)) {",
    to: "if (body === undefined) {",
    foundBy: onBun(
      "more packets than one body may have: the session is ended at once, and Socket.IO makes one socket at most",
    ),
  },
  {
    guard: "the door itself",
    file: "src/app.ts",
    from: "door.guard(connection);",
    to: "",
    foundBy: onNode(
      "an event before it has entered: the session is ended at once, and Socket.IO makes one socket at most",
    ),
  },
  {
    guard: "clients that do not read, from the first byte",
    file: "src/app.ts",
    from: "realtime.watchClient(connection);",
    to: "",
    foundBy: onNode("a client that does not read what it asks for is disconnected"),
  },
  {
    guard: "clients that do not read, on Bun",
    file: "src/app.ts",
    from: "realtime.watchClient(connection);",
    to: "",
    foundBy: onBun("a client that does not read what it asks for is disconnected"),
  },
  {
    guard: "refusals in ten seconds",
    file: "src/realtime/pipeline.ts",
    from: "if (refusals <= allowed.limit) return true;",
    to: "if (refusals > 0) return true;",
    foundBy: onNode("a client that goes on after a thousand refusals is disconnected"),
  },
  {
    guard: "one CONNECT for a namespace",
    file: door,
    from: "this.#namespaces.has(namespace) ||",
    to: "",
    foundBy: inDoor("one CONNECT for a namespace passes; a second ends the connection before it is read"),
  },
  {
    guard: "bytes of a CONNECT",
    file: door,
    from: "data.length > maxConnectBytes || ",
    to: "",
    foundBy: inDoor("a CONNECT of more than 16 KiB ends the connection"),
  },
  {
    guard: "length of a namespace's name",
    file: door,
    from: " || namespace.length > maxNamespaceLength",
    to: "",
    foundBy: inDoor("a namespace with a long name ends the connection"),
  },
  {
    guard: "namespaces of a connection",
    file: door,
    from: "this.#namespaces.size >= maxNamespaces ||",
    to: "",
    foundBy: inDoor("namespaces of one connection are few"),
  },
  {
    guard: "attempts that failed",
    file: door,
    from: "this.#failedAttempts >= maxFailedAttempts",
    to: "false",
    foundBy: inDoor("a connection whose attempts fail again and again is ended"),
  },
  {
    guard: "nothing but a CONNECT before one",
    file: door,
    from: 'if (this.#namespaces.size === 0) return this.#end("protocol");',
    to: "",
    foundBy: inDoor("an event before a CONNECT ends the connection"),
  },
  {
    guard: "limits before Socket.IO",
    file: door,
    from: "this.#options.mayEnter(this.#connection).then(",
    to: "Promise.resolve<Refusal | undefined>(undefined).then(",
    foundBy: inDoor("limits are asked before Socket.IO, and what waits for them stays in order"),
  },
  {
    guard: "what waits for a verdict is not handled",
    file: door,
    from: "this.#inbox.hold();",
    to: "",
    foundBy: inDoor("limits are asked before Socket.IO, and what waits for them stays in order"),
  },
  {
    guard: "attempts to enter, of an address",
    file: "src/app.ts",
    from: "mayEnter: realtime.mayEnter,",
    to: "mayEnter: async () => undefined,",
    foundBy: onNode("connection attempts past the limit are refused with the time to wait"),
  },
  {
    guard: "number of attachments",
    file: door,
    from: " && count <= this.#options.bounds.maxAttachments",
    to: "",
    foundBy: inDoor("more attachments than there may be: the connection is ended at once"),
  },
  {
    guard: "bytes of attachments",
    file: door,
    from: " || this.#attachmentBytes > this.#options.maxEventBytes",
    to: "",
    foundBy: inDoor("more bytes than an event may have: the connection is ended at once"),
  },
  {
    guard: "time for attachments",
    file: door,
    from: 'if (now - this.#attachmentsSince > this.#options.bounds.attachmentsTimeoutMs) this.#end("attachments");',
    to: "",
    foundBy: inDoor("attachments that never come: the connection is ended when their time is over"),
  },
  {
    guard: "attachments that were announced",
    file: door,
    from: "this.#attachmentsLeft === 0 || ",
    to: "",
    foundBy: inDoor("an attachment that was not announced: the connection is ended at once"),
  },
  {
    guard: "one event whose attachments are to come",
    file: door,
    from: " || this.#attachmentsLeft > 0",
    to: "",
    foundBy: inDoor("a second event before the attachments of the first: the connection is ended at once"),
  },
  {
    guard: "what is kept for an event goes with its connection",
    file: door,
    from: "this.#unwatch(this);\n    this.#stopEntering();",
    to: "this.#stopEntering();",
    foundBy: inDoor("attachments that never come: the connection is ended when their time is over"),
  },
  {
    guard: "pongs that no ping asked for",
    file: door,
    from: "if (!this.#isPongExpected) return;",
    to: "",
    foundBy: inDoor("a pong that no ping asked for does nothing"),
  },
  {
    guard: "one probe of a transport",
    file: door,
    from: 'if (packet.type === "upgrade") return onPacket.call(transport, packet);',
    to: "if (packet) return onPacket.call(transport, packet);",
    foundBy: inDoor("a second probe of a transport closes that transport"),
  },
  {
    guard: "one probe of a transport, on Bun",
    file: door,
    from: 'if (packet.type === "upgrade") return onPacket.call(transport, packet);',
    to: "if (packet) return onPacket.call(transport, packet);",
    foundBy: onBun("a WebSocket that asks again and again to take over a session is closed"),
  },
  {
    guard: "the door after an upgrade",
    file: door,
    from: "guards.get(this)?.stand(transport);",
    to: "",
    foundBy: inDoor("an upgrade is asked for once, and keeps the order of what came by the old transport"),
  },
  {
    guard: "nothing passes once a connection was ended",
    file: door,
    from: "this.#pass = undefined;",
    to: "",
    foundBy: inDoor("an attempt whose connection is ended before the verdict never reaches Socket.IO"),
  },
  {
    guard: "a connection that ends is read on",
    file: inbox,
    from: "this.#tell(false);\n  }\n\n  get #size",
    to: "}\n\n  get #size",
    foundBy: inInbox(
      "one that is closed while packets wait, or by the last of them, has its transport read on",
    ),
  },
  {
    guard: "bytes of a body or a message before a client has entered",
    file: door,
    from: "this.#onEntered ? this.#options.maxEntryBytes",
    to: "!this.#options ? this.#options.maxEntryBytes",
    foundBy: inDoor("a transport takes no more than attempts to enter, until the client has entered"),
  },
];
