import type { ErrorReply } from "../platform/util/errors.ts";

const retryMs = 1000;
/** Refusals that pass by themselves; a client that is no member yet becomes one. */
const temporary = new Set<ErrorReply["error"]["code"]>([
  "rate_limited",
  "overloaded",
  "unavailable",
  "not_joined",
]);

/**
 * Sends an event until the server has acknowledged it or refused it for good: again after a refusal that may pass, and
 * when no acknowledgement came. Whether the event arrived then is unknown, so it must count once, by an id of its own.
 *
 * @param send such as `() => socket.timeout(5000).emitWithAck("send-message", message)`: with a timeout, as there is no
 * acknowledgement after the connection broke. What it throws counts as no acknowledgement.
 * @param isWanted asked before each attempt, such as `() => member.synced`.
 * @returns the acknowledgement or the last refusal; undefined when it was not wanted any more. Never rejects.
 */
export async function untilAnswered<R extends { ok: true } | ErrorReply>(
  send: () => Promise<R>,
  isWanted: () => boolean = () => true,
): Promise<R | undefined> {
  while (isWanted()) {
    const reply = await attempt(send);
    if (reply && (reply.ok || !temporary.has(reply.error.code))) return reply;
    const delayMs = reply?.ok === false ? reply.error.retryAfterMs : undefined;
    await new Promise((resolve) => setTimeout(resolve, delayMs ?? retryMs));
  }
  return undefined;
}

async function attempt<R>(send: () => Promise<R>): Promise<R | undefined> {
  try {
    return await send();
  } catch {
    return undefined;
  }
}
