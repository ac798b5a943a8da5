import { WebSocket } from "ws";

export interface ReturningClientOptions {
  port: number;
  /** A number from 0 to 1, for the time before it tries again. */
  random: () => number;
  onEvent: (event: string, args: unknown[]) => void;
  /** Told on every connection: whether the server took it for the one that was gone. */
  onConnect: (recovered: boolean) => void;
  onDisconnect: () => void;
}

export interface ReturningClient {
  isConnected: () => boolean;
  /** Resolves with the acknowledgement; rejects when the connection ends before that. */
  request: (event: string, payload: object) => Promise<{ ok: boolean }>;
  close: () => void;
}

/** Milliseconds; whoever hears nothing for their sum takes the server for gone. */
interface Heartbeat {
  pingInterval: number;
  pingTimeout: number;
}

type Waiting = { resolve: (reply: { ok: boolean }) => void; reject: (error: Error) => void };

/** As the shipped client does it: see client/connect.ts. */
const firstDelayMs = 250;
const maxDelayMs = 3000;
const openWithinMs = 20_000;
/** Ten thousand of the official client would be the bottleneck themselves. */
const kinds = { open: "0", ping: "2", connected: "40", disconnected: "41", event: "42", refused: "44" };
const acknowledgement = /^4[36](?:\d+-)?(\d+)(\[.*)$/s;

/**
 * A Socket.IO client that reconnects by itself and asks to be recovered, as the official one does: with
 * the session's `pid` and the offset of what came last. For tens of thousands of them in a process or two.
 */
export function createReturningClient(options: ReturningClientOptions): ReturningClient {
  const { port, random, onEvent, onConnect, onDisconnect } = options;
  const waiting = new Map<number, Waiting>();
  let ws: WebSocket;
  let pid: string | undefined;
  let offset: string | undefined;
  let isConnected = false;
  let isClosed = false;
  let silence: NodeJS.Timeout | undefined;
  let attempts = 0;
  let requests = 0;

  function open(): void {
    ws = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
      handshakeTimeout: openWithinMs,
    });
    ws.on("message", (data: Buffer, isBinary) => {
      silence?.refresh();
      if (!isBinary) onText(data.toString());
    });
    // Its close comes next.
    ws.on("error", () => {});
    ws.on("close", onClose);
  }

  function onText(text: string): void {
    const kind = text.slice(0, text.startsWith("4") ? 2 : 1);
    if (kind === kinds.open) onOpen(JSON.parse(text.slice(1)) as Heartbeat);
    else if (kind === kinds.ping) ws.send("3");
    else if (kind === kinds.connected) onWelcome(JSON.parse(text.slice(2)) as { pid?: string });
    else if (kind === kinds.event) onArguments(JSON.parse(text.slice(2)) as [string, ...unknown[]]);
    else if (kind === kinds.refused || kind === kinds.disconnected) ws.terminate();
    else onReply(acknowledgement.exec(text));
  }

  function onOpen({ pingInterval, pingTimeout }: Heartbeat): void {
    silence = setTimeout(() => ws.terminate(), pingInterval + pingTimeout);
    ws.send(kinds.connected + (pid === undefined ? "" : JSON.stringify({ pid, offset })));
  }

  function onWelcome(reply: { pid?: string }): void {
    const recovered = pid !== undefined && reply.pid === pid;
    if (!recovered) offset = undefined;
    ({ pid } = reply);
    attempts = 0;
    isConnected = true;
    onConnect(recovered);
  }

  function onArguments([event, ...args]: [string, ...unknown[]]): void {
    const last = args.at(-1);
    if (typeof last === "string") offset = last;
    onEvent(event, args);
  }

  function onReply(match: RegExpExecArray | null): void {
    if (!match) return;
    const id = Number(match[1]);
    const call = waiting.get(id);
    waiting.delete(id);
    call?.resolve((JSON.parse(match[2] ?? "[]") as [{ ok: boolean }])[0]);
  }

  function onClose(): void {
    clearTimeout(silence);
    silence = undefined;
    for (const { reject } of waiting.values()) reject(new Error("the connection ended"));
    waiting.clear();
    if (isConnected) onDisconnect();
    isConnected = false;
    if (isClosed) return;
    const delayMs = Math.min(maxDelayMs, firstDelayMs * 2 ** attempts) * (0.5 + random());
    attempts += 1;
    setTimeout(() => {
      if (!isClosed) open();
    }, delayMs);
  }

  open();
  return {
    isConnected: () => isConnected,
    request: (event, payload) =>
      new Promise((resolve, reject) => {
        if (!isConnected) return reject(new Error("not connected"));
        requests += 1;
        waiting.set(requests, { resolve, reject });
        ws.send(`42${requests}${JSON.stringify([event, payload])}`);
      }),
    close() {
      isClosed = true;
      ws.terminate();
    },
  };
}
