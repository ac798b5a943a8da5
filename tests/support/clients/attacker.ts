import { refusalCodes } from "../../../src/platform/util/errors.ts";
import { inTime } from "./in-time.ts";
import { eventPacket } from "./packets.ts";
import { type RawWebSocket, openWebSocket } from "./websocket.ts";

/** Somebody in the namespace, who may send anything. */
export interface Attacker {
  /** Resolves with the one argument of the acknowledgement, or how the connection was closed. */
  request: (...args: unknown[]) => Promise<Answer>;
  /** The same for a packet's text; `id` stands in it where the number of the acknowledgement belongs. */
  requestText: (text: (id: number) => string, ...attachments: Uint8Array[]) => Promise<Answer>;
  socket: RawWebSocket;
  /** `error-message` events so far. */
  errors: unknown[];
}

export type Answer = { reply: unknown } | { closed: string };

export interface AttackerOptions {
  port: number;
  /** What stands after `40`: the `auth` object, as JSON. */
  auth?: string;
  headers?: Record<string, string>;
}

let addresses = 0;

/** An address of its own, as a proxy tells it: limits are another test's business. */
export function newAddress(): Record<string, string> {
  addresses += 1;
  return { "X-Forwarded-For": `203.0.${(addresses >> 8) & 255}.${addresses & 255}` };
}

/** How many there were so far. */
export const addressesUsed = (): number => addresses;

/** Enters the namespace. Rejects with the refusal when it is not let in, or how it was closed. */
export async function openAttacker({ port, auth = "", headers }: AttackerOptions): Promise<Attacker> {
  const waiting = new Map<number, (answer: Answer) => void>();
  const entered = Promise.withResolvers<void>();
  const errors: unknown[] = [];
  let requests = 0;

  function onText(text: string): void {
    if (text.startsWith("0"))
      socketSoon.then(
        (socket) => socket.send(`40${auth}`),
        () => undefined,
      );
    else if (text === "2")
      socketSoon.then(
        (socket) => socket.send("3"),
        () => undefined,
      );
    else if (text.startsWith("40")) entered.resolve();
    else if (text.startsWith("44")) entered.reject(new Error(text.slice(2)));
    else if (text.startsWith('42["error-message"')) errors.push(JSON.parse(text.slice(2))[1]);
    const [, id, json] = /^4[36](?:\d+-)?(\d+)(\[.*)$/s.exec(text) ?? [];
    if (json === undefined) return;
    waiting.get(Number(id))?.({ reply: JSON.parse(json)[0] });
    waiting.delete(Number(id));
  }

  const socketSoon = openWebSocket({ port, headers: headers ?? newAddress(), onText });
  const socket = await socketSoon;
  socket.closed.then((closed) => {
    entered.reject(new Error(closed));
    for (const answer of waiting.values()) answer({ closed });
    waiting.clear();
  });

  function ask(messages: (id: number) => [string, ...Uint8Array[]]): Promise<Answer> {
    requests += 1;
    const id = requests;
    const answer = new Promise<Answer>((resolve) => waiting.set(id, resolve));
    if (socket.isClosed()) return Promise.resolve({ closed: "before" });
    socket.send(...messages(id));
    return inTime("an event's acknowledgement", answer);
  }

  await inTime("entering the namespace", entered.promise);
  return {
    request: (...args) => ask((id) => eventPacket(args, id)),
    requestText: (text, ...attachments) => ask((id) => [text(id), ...attachments]),
    socket,
    errors,
  };
}

/**
 * What an answer is called, if the contract knows it.
 * @throws {Error} when it does not: another shape, an unknown code, or a mistake of the server's own.
 */
export function judge(answer: Answer): string {
  if ("closed" in answer) return `closed (${answer.closed})`;
  return judgeReply(answer.reply);
}

export function judgeReply(reply: unknown): string {
  const { ok, error } = (reply ?? {}) as { ok?: unknown; error?: { code?: string; message?: string } };
  if (ok === true) return "ok";
  const shown = JSON.stringify(reply)?.slice(0, 500);
  if (ok !== false || typeof error?.message !== "string" || error.message === "")
    throw new Error(`not a reply of the contract: ${shown}`);
  if (!refusalCodes.some((code) => code === error.code))
    throw new Error(`not a code of the contract: ${shown}`);
  if (/internal error/.test(error.message)) throw new Error(`the server made a mistake: ${shown}`);
  return error.code ?? "";
}
