import * as v from "valibot";
import type { EventBounds } from "../platform/gateway/pipeline.ts";
import type { DoorBounds } from "../platform/runtime/door-options.ts";
import { count, rate } from "../platform/util/variables.ts";

/** What one replica takes from one client, keeps for it, and waits for it. */
export const boundVariables = v.object({
  HEADERS_TIMEOUT_MS: v.optional(count(100, 600_000), "10000"),
  BODY_TIMEOUT_MS: v.optional(count(100, 600_000), "60000"),
  CONNECT_TIMEOUT_MS: v.optional(count(100, 600_000), "10000"),
  MAX_HEADER_BYTES: v.optional(count(4096, 2 ** 20), "16384"),
  MAX_WAITING_PACKETS: v.optional(count(1000, 10_000_000), "50000"),
  MAX_CONNECT_BYTES: v.optional(count(1024, 2 ** 20), "16384"),
  MAX_ENTERING: v.optional(count(1, 10_000_000), "2000"),
  MAX_NAMESPACES: v.optional(count(1, 1000), "16"),
  MAX_FAILED_ATTEMPTS: v.optional(count(1, 10_000), "20"),
  MAX_ATTACHMENTS: v.optional(count(1, 999), "10"),
  ATTACHMENTS_TIMEOUT_MS: v.optional(count(100, 600_000), "10000"),
  MAX_WAITING_EVENTS: v.optional(count(1, 100_000), "256"),
  HANDLER_TIMEOUT_MS: v.optional(count(100, 600_000), "30000"),
  REFUSAL_RATE: v.optional(rate, "1000/10s"),
  MAX_PIPELINED: v.optional(count(1, 10_000), "100"),
  MAX_UPDATE_BYTES: v.optional(count(1024, 2 ** 27), String(2 ** 22)),
  MAX_BUFFERED_BYTES: v.optional(count(65536, 2 ** 30), String(2 ** 20)),
  ANSWERS_MAX_BYTES: v.optional(count(65536, 2 ** 40), String(2 ** 28)),
  USER_ANSWERS_MAX_BYTES: v.optional(count(65536, 2 ** 40), String(2 ** 26)),
  ANSWERS_TOTAL_BYTES: v.optional(count(65536, 2 ** 40), String(2 ** 29)),
});

export function boundConfig(vars: v.InferOutput<typeof boundVariables>) {
  // A base64 update on long-polling is a third larger, and an event is more than its update.
  const maxBodyBytes = Math.ceil((vars.MAX_UPDATE_BYTES * 4) / 3) + 65_536;
  return {
    /** An event's update. */
    maxUpdateBytes: vars.MAX_UPDATE_BYTES,
    /** One request or message of a client. */
    maxBodyBytes,
    /** The same before the client has entered. */
    maxEntryBytes: Math.min(maxBodyBytes, Math.max(65_536, vars.MAX_CONNECT_BYTES * vars.MAX_NAMESPACES)),
    /** What may wait for a client that does not read. */
    maxBufferedBytes: vars.MAX_BUFFERED_BYTES,
    /** How long a connection may stay without joining the namespace. */
    connectTimeoutMs: vars.CONNECT_TIMEOUT_MS,
    /** How long a client may take to send a request, and how long its headers may be. */
    http: {
      headersTimeoutMs: vars.HEADERS_TIMEOUT_MS,
      bodyTimeoutMs: vars.BODY_TIMEOUT_MS,
      maxHeaderBytes: vars.MAX_HEADER_BYTES,
      maxPipelined: vars.MAX_PIPELINED,
    },
    /** What a connection may send before Socket.IO sees it. */
    door: {
      maxWaitingPackets: vars.MAX_WAITING_PACKETS,
      maxConnectBytes: vars.MAX_CONNECT_BYTES,
      maxEntering: vars.MAX_ENTERING,
      maxNamespaces: vars.MAX_NAMESPACES,
      maxFailedAttempts: vars.MAX_FAILED_ATTEMPTS,
      maxAttachments: vars.MAX_ATTACHMENTS,
      attachmentsTimeoutMs: vars.ATTACHMENTS_TIMEOUT_MS,
    } satisfies DoorBounds,
    /** What a socket may send once it has entered. */
    events: {
      maxPayloadBytes: vars.MAX_UPDATE_BYTES,
      maxWaiting: vars.MAX_WAITING_EVENTS,
      handlerTimeoutMs: vars.HANDLER_TIMEOUT_MS,
      refusals: vars.REFUSAL_RATE,
    } satisfies EventBounds,
    /** What is held for answers over HTTP until clients have read them, and how long the server waits for a client. */
    answers: {
      maxBytes: {
        address: vars.ANSWERS_MAX_BYTES,
        user: vars.USER_ANSWERS_MAX_BYTES,
        total: vars.ANSWERS_TOTAL_BYTES,
      },
      stallMs: vars.BODY_TIMEOUT_MS,
    },
  };
}
