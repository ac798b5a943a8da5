import * as v from "valibot";
import type { SessionStore } from "../delivery/sessions.ts";
import type { RedisLink } from "./link.ts";

const sessionSchema = v.object({ sid: v.string(), rooms: v.array(v.string()), data: v.looseObject({}) });

/** Sessions in Redis, for whichever replica their clients come back to. */
export function createRedisSessions(
  link: RedisLink,
  prefix: string,
  ttlMs: number,
  { answersSoon, onMalformed }: { answersSoon: () => Promise<boolean>; onMalformed: () => void },
): SessionStore {
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
      const read = () => link.run((client) => client.get(key(pid)));
      // Whoever comes back would rather wait out a moment's pause than start over.
      const text = await read().catch(async () => ((await answersSoon()) ? read().catch(() => null) : null));
      if (text === null) return undefined;
      const session = parse(text);
      if (!session) onMalformed();
      return session;
    },
    remove: (pid) => void link.run((client) => client.del(key(pid))).catch(() => undefined),
  };
}

function parse(text: string): v.InferOutput<typeof sessionSchema> | undefined {
  try {
    const parsed = v.safeParse(sessionSchema, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
