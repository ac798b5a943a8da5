/*
 * The server, with the clock of when a fixture was written: as if it were started right after. By today's clock the
 * outbox, the idempotency keys and the revocations of an old fixture have expired, as they should.
 */

const behindMs = Number(process.env["CLOCK_BEHIND_MS"]);
if (!Number.isFinite(behindMs)) throw new Error("CLOCK_BEHIND_MS: expected milliseconds");

const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...parts: [] | ConstructorParameters<typeof Date>) {
    if (parts.length === 0) super(RealDate.now() - behindMs);
    else super(...(parts as [number]));
  }
  static override now(): number {
    return RealDate.now() - behindMs;
  }
} as DateConstructor;

await import("./main.ts");
