import * as v from "valibot";
import { maxRooms } from "../delivery/mistakes.ts";
import { plainData } from "../delivery/plain-data.ts";
import type { SessionStore, StoredSession } from "../delivery/sessions.ts";
import type { Logger } from "../shared/log.ts";
import { createRecentKeys } from "../shared/recent-keys.ts";
import type { RedisLink } from "./link.ts";
import { type ReportMalformed, isWrongKind } from "./malformed.ts";

const maxKeys = 1000;
const text = (maxLength: number) => v.pipe(v.string(), v.minLength(1), v.maxLength(maxLength));

const sessionSchema = v.object({
  sid: text(64),
  // The app's: of any name, and as many as it likes.
  rooms: v.array(v.string()),
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
  log: Logger;
}

/** Sessions in Redis, for whichever replica their clients come back to. */
export function createRedisSessions(options: RedisSessionsOptions): SessionStore {
  const { link, prefix, ttlMs, answersSoon, onMalformed, log } = options;
  const key = (pid: string) => `${prefix}session:${pid}`;

  const told = createRecentKeys(maxKeys);

  /** Undefined when a part of `socket.data` would be missing in it, or be something else; or of too many rooms. */
  function encoded(session: StoredSession): string | undefined {
    let isWhole = true;
    const noteLeftOut = (path: string) => {
      isWhole = false;
      if (told.has(path)) return;
      told.add(path);
      log.warn(
        { key: path },
        "socket.data has a value that can't be kept for a client that returns; it starts over",
      );
    };
    if (session.rooms.length > maxRooms) {
      log.warn(
        { rooms: session.rooms.length, maxRooms },
        "a client in so many rooms is not kept; it starts over",
      );
      return undefined;
    }
    // Kept as JSON, which has no bytes.
    const data = plainData(session.data, noteLeftOut, { canHaveBytes: false });
    return isWhole ? JSON.stringify({ ...session, data }) : undefined;
  }

  return {
    async save(pid, session) {
      const text = encoded(session);
      const write = () =>
        text === undefined
          ? // None is kept: with an earlier one another replica would go on from what it was then.
            link.run((client) => client.del(key(pid))).then(() => true)
          : link
              .run((client) => client.set(key(pid), text, { expiration: { type: "PX", value: ttlMs } }))
              .then(() => true);
      return write().catch(() => false);
    },
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
