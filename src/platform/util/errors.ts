/** The codes a refused event or request carries; the wire contract lists them for clients. */
export const refusalCodes = [
  "invalid",
  "rate_limited",
  "unauthorized",
  "forbidden",
  "not_joined",
  "too_large",
  "overloaded",
  "unavailable",
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/**
 * A request that was understood and refused. Its message and code reach the client as they are,
 * so they never carry internals; put those in `cause`, which only the log sees.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;
  /** Milliseconds after which a retry can succeed; with `rate_limited` only. */
  readonly retryAfterMs: number | undefined;

  constructor(code: RefusalCode, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "Refusal";
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** What a client gets in place of what it asked for. */
export interface ErrorReply {
  ok: false;
  error: { code: RefusalCode; message: string; retryAfterMs?: number };
}

export function toReply({ code, message, retryAfterMs }: Refusal): ErrorReply {
  return { ok: false, error: { code, message, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) } };
}

/** A problem that stops the process from starting; `main.ts` prints its message and exits with 1. */
export class StartupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StartupError";
  }
}

export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
