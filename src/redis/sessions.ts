import * as v from "valibot";
import type { SessionStore } from "../delivery/sessions.ts";
import type { RedisLink } from "./link.ts";
import { type ReportMalformed, isWrongKind } from "./malformed.ts";

const text = (maxLength: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(maxLength));

const sessionSchema = v.object({
  sid: text(64),
  rooms: v.pipe(v.array(text(1024)), v.maxLength(10_000)),
  // An object of the server's own; what is in it, only the server knows.
  data: v.pipe(
    v.looseObject({}),
    v.check((data) => !Array.isArray(data)),
  ),
});

export interface RedisSessionsOptions {
  link: RedisLink;
  prefix: string;
  ttlMs: number;
  answersSoon: () => Promise<boolean>;
  onMalformed: ReportMalformed;
}

/** Sessions in Redis, for whichever replica their clients come back to. */
export function createRedisSessions(options: RedisSessionsOptions): SessionStore {
  const { link, prefix, ttlMs, answersSoon, onMalformed } = options;
  const key = (pid: string) => `${prefix}session:${pid}`;

  return {
    save: (pid, session) =>
      link
        .run((client) =>
          client.set(key(pid), JSON.stringify(session), { expiration: { type: "PX", value: ttlMs } }),
        )
        .then(
          () => true,
          () => false,
        ),
    async load(pid) {
      const read = () =>
        link
          .run((client) => client.get(key(pid)))
          .catch((error: unknown) => {
            if (!isWrongKind(error)) throw error;
            return "";
          });
      // Whoever comes back would rather wait out a moment's pause than start over.
      const text = await read().catch(async () => ((await answersSoon()) ? read().catch(() => null) : null));
      if (text === null) return undefined;
      try {
        return v.parse(sessionSchema, JSON.parse(text));
      } catch {
        // Whose it was starts over; the next session of that name takes its place.
        onMalformed("session", {});
        return undefined;
      }
    },
    remove: (pid) => void link.run((client) => client.del(key(pid))).catch(() => undefined),
  };
}
