/** What must be known of a connection to go on with it elsewhere. */
export interface StoredSession {
  /** The socket's id. */
  sid: string;
  rooms: string[];
  data: unknown;
}

/**
 * Sessions by their private id, kept while the connection lives and for the recovery window after.
 * `save` resolves with whether it is stored; it MUST NOT reject, and MUST settle within a deadline.
 */
export interface SessionStore {
  save(pid: string, session: StoredSession): Promise<boolean>;
  /** Undefined when there is none, or none can be had. */
  load(pid: string): Promise<StoredSession | undefined>;
  remove(pid: string): void;
}

/** Sessions of one process; those not touched for `windowMs` go. */
export function createMemorySessions(
  windowMs: number,
  now: () => number = Date.now,
): SessionStore & { size: () => number } {
  // In order of their last touch.
  const sessions = new Map<string, StoredSession & { touchedAt: number }>();

  return {
    async save(pid, session) {
      const time = now();
      sessions.delete(pid);
      sessions.set(pid, { ...session, touchedAt: time });
      for (const [oldest, { touchedAt }] of sessions) {
        if (touchedAt > time - windowMs) break;
        sessions.delete(oldest);
      }
      return true;
    },
    async load(pid) {
      const session = sessions.get(pid);
      return session && session.touchedAt > now() - windowMs ? session : undefined;
    },
    remove: (pid) => void sessions.delete(pid),
    size: () => sessions.size,
  };
}
