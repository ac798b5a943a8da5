import * as v from "valibot";

const revocations = v.array(
  v.object({
    userId: v.string(),
    documentId: v.exactOptional(v.string()),
    action: v.picklist(["read", "write"]),
  }),
);
const message = v.object({ id: v.string(), text: v.string() });
const session = v.object({ pid: v.string(), offset: v.string() });

/** What clients were acknowledged when the fixture was written, so what must be there after any upgrade. */
export const expectedSchema = v.object({
  // Features have fields of their own besides these: the file `upgrade/write.ts` of their tests.
  single: v.looseObject({
    revocations,
    /** A room, and messages that it had. */
    room: v.string(),
    messages: v.array(message),
    session,
  }),
  cluster: v.looseObject({
    revocations,
    room: v.string(),
    /** Messages that clients got before the sessions below ended. */
    heard: v.array(message),
    /** Those sent since, by sender, in the order sent; each is to be delivered once. */
    missed: v.array(v.array(message)),
    /** Of clients whose connections broke, and that come back: before the outboxes are published, after, too late. */
    sessions: v.object({ early: session, later: session, late: session }),
  }),
});
export type Expected = v.InferOutput<typeof expectedSchema>;

export const aboutSchema = v.object({
  version: v.string(),
  /** The commit whose sources wrote the fixture. */
  commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  /** When that was, in milliseconds since 1970. */
  writtenAt: v.number(),
  /** Whether replicas of that version run beside replicas of this one. */
  sideBySide: v.boolean(),
  /** SHA-256 of every other file, in hex. */
  files: v.record(v.string(), v.string()),
});
export type About = v.InferOutput<typeof aboutSchema>;
