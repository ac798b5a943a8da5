import type { Context } from "hono";
import type { Who } from "../limits/limits.ts";
import { Refusal } from "../util/errors.ts";
import type { HttpEnv } from "./env.ts";

export interface AnswersOptions {
  /** Bytes held at once for answers to one address (which many users may share), to one user, and in all. */
  maxBytes: { address: number; user: number; total: number };
  /** An answer of which the client takes nothing for so long is ended. */
  stallMs: number;
  addressOf: (c: Context<HttpEnv>) => string;
  /** Told which bound refused an answer. */
  onRefused: (bound: string) => void;
}

export type Answers = ReturnType<typeof createAnswers>;

/** What is handed to a connection at a time. */
const sliceBytes = 65_536;
/** Not worth counting: the system's buffer of a connection takes it, and the rate of requests bounds how many. */
const tinyBytes = 4096;
const retryAfterMs = 5000;

/** Bytes held for one address, for one user, or in all. */
class Ledger {
  bytes = 0;
  /** Each body counts once, however many answers have it; each answer counts its slice. */
  readonly bodies = new Map<Uint8Array, number>();

  costOf(body: Uint8Array): number {
    return Math.min(sliceBytes, body.length) + (this.bodies.has(body) ? 0 : body.length);
  }

  add(body: Uint8Array): void {
    this.bytes += this.costOf(body);
    this.bodies.set(body, (this.bodies.get(body) ?? 0) + 1);
  }

  remove(body: Uint8Array): void {
    const answers = (this.bodies.get(body) ?? 0) - 1;
    if (answers > 0) this.bodies.set(body, answers);
    else this.bodies.delete(body);
    this.bytes -= this.costOf(body);
  }
}

/**
 * Bounds what is held for answers over HTTP until clients have read them. An answer goes out in slices, each when
 * the connection has room for it; without that, a runtime copies the whole of it into the connection's buffer.
 */
export function createAnswers({ maxBytes, stallMs, addressOf, onRefused }: AnswersOptions) {
  const all = new Ledger();
  const byPayer = new Map<string, Ledger>();

  function boundsOf({ address, userId }: Who): [name: string, payer: string, max: number][] {
    return [
      ...(address === undefined ? [] : [["answers", `address ${address}`, maxBytes.address] as const]),
      ...(userId === undefined ? [] : [["user-answers", `user ${userId}`, maxBytes.user] as const]),
    ].map((bound) => [...bound]);
  }

  /**
   * Counts a body as held, until the function that is returned is called (calling it again does nothing). A body
   * larger than the bound is taken when nothing else is held: what bounds one answer is the size of a document.
   * @throws {Refusal} `rate_limited` or `overloaded` when that would be too much.
   */
  function hold(who: Who, body: Uint8Array): () => void {
    const isTooMuch = (ledger: Ledger, max: number) =>
      ledger.bytes > 0 && ledger.bytes + ledger.costOf(body) > max;
    const bounds = boundsOf(who).map(([name, payer, max]) => {
      const ledger = byPayer.get(payer) ?? new Ledger();
      if (isTooMuch(ledger, max)) {
        onRefused(name);
        throw new Refusal(
          "rate_limited",
          `answers that were not read yet may have ${max} bytes in all: read or close them first`,
          { retryAfterMs },
        );
      }
      return { payer, ledger };
    });
    if (isTooMuch(all, maxBytes.total)) {
      onRefused("total-answers");
      throw new Refusal("overloaded", "too many answers are being sent; try again later", { retryAfterMs });
    }
    all.add(body);
    for (const { payer, ledger } of bounds) {
      ledger.add(body);
      byPayer.set(payer, ledger);
    }
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      all.remove(body);
      for (const { payer, ledger } of bounds) {
        ledger.remove(body);
        if (ledger.bodies.size === 0) byPayer.delete(payer);
      }
    };
  }

  function whoOf(c: Context<HttpEnv>): Who {
    // On routes of the API alone there are callers.
    return { address: addressOf(c), userId: c.get("caller")?.user?.id };
  }

  /**
   * Answers with a body, which must not change any more and should be the same object for all who get the same.
   * @throws {Refusal} as `hold`.
   */
  function send(
    c: Context<HttpEnv>,
    body: Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
  ): Response {
    const withLength = { ...headers, "content-length": String(body.length) };
    // No runtime reads the body of an answer to HEAD.
    if (c.req.method === "HEAD") return c.body(null, 200, withLength);
    if (body.length <= tinyBytes) return c.body(body, 200, headers);
    const release = hold(whoOf(c), body);
    if (body.length <= sliceBytes && c.env.onAnswered) {
      c.env.onAnswered(release);
      return c.body(body, 200, headers);
    }
    // Bun leaves the length out and sends chunks (oven-sh/bun#10507).
    return c.body(inSlices(body, stallMs, release), 200, withLength);
  }

  return {
    /** Bytes held now. */
    bytes: (): number => all.bytes,
    hold: (c: Context<HttpEnv>, body: Uint8Array): (() => void) => hold(whoOf(c), body),
    send,
    /** Answers with JSON whose size clients have a part in. @throws {Refusal} as `hold`. */
    json: (c: Context<HttpEnv>, value: object): Response =>
      send(c, new TextEncoder().encode(JSON.stringify(value)), { "content-type": "application/json" }),
  };
}

/**
 * A body that is read as fast as the client takes it.
 * @param onEnd called once it is read, given up, or not read any further for `stallMs`: Deno 2.9 gives up the
 *   requests that wait behind another one on a connection without a word when the connection closes.
 */
function inSlices(
  body: Uint8Array<ArrayBuffer>,
  stallMs: number,
  onEnd: () => void,
): ReadableStream<Uint8Array> {
  let at = 0;
  let stalled: NodeJS.Timeout;
  function end(): void {
    clearTimeout(stalled);
    onEnd();
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stalled = setTimeout(() => {
          onEnd();
          controller.error(new Error("the client does not read its answer"));
        }, stallMs);
        stalled.unref();
      },
      pull(controller) {
        stalled.refresh();
        if (at < body.length) {
          controller.enqueue(body.subarray(at, at + sliceBytes));
          at += sliceBytes;
        } else {
          end();
          controller.close();
        }
      },
      cancel: end,
    },
    // Nothing is taken before it is wanted.
    { highWaterMark: 0 },
  );
}
