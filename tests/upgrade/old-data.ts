import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Replica, type RuntimeName, root, startReplica } from "../../deploy/local/replica.ts";
import { type LocalRedis, startRedis } from "../../deploy/local/redis.ts";
import * as present from "../../src/client/index.ts";
import { apiKey, authSecret, makeToken } from "../support/tokens.ts";
import { moveExpiries } from "./aof.ts";
import type { Fixture } from "./fixture.ts";
import { type Member, type MemberOptions, openMember } from "./member.ts";

/** So long after the fixture was written it is opened. */
const openedAfterMs = 5000;
/**
 * Keys are kept so much longer than they were: a busy machine takes minutes for what took seconds. Not the counts of
 * limits: a server takes one that ends later than its period for malformed.
 */
const keptLongerMs = (key: string) => (key.startsWith("rate-limit:") ? 0 : 600_000);
const incremental = "redis/appendonlydir/appendonly.aof.1.incr.aof";

export type Opened = ReturnType<typeof openFixture>;

/** A fixture's data in a folder of its own, and this version's servers on it. */
export function openFixture(fixture: Fixture, part: "single" | "cluster", folder: string) {
  fixture.copy(part, folder);
  const { writtenAt } = fixture.about;
  const behindMs = Date.now() - writtenAt - openedAfterMs;

  /** A token that was issued before the fixture was finished, or now, by the servers' clock. */
  const tokenOf = (sub: string, when: "before" | "now" = "now") => {
    const issuedInS = Math.floor(-behindMs / 1000) - (when === "before" ? 3600 : 0);
    return makeToken({ sub, documents: { "*": "write" }, issuedInS, expiresInS: issuedInS + 7200 });
  };

  return {
    folder,
    tokenOf,

    start: (runtime: RuntimeName, env: Record<string, string>): Promise<Replica> =>
      startReplica({
        runtime,
        entry: `${root}tests/upgrade/server.ts`,
        env: { CLOCK_BEHIND_MS: String(behindMs), AUTH_SECRET: authSecret, API_KEYS: apiKey, ...env },
      }),

    /** Redis on the dump, whose keys expire as they did, but later; what `hasExpired` has expired. */
    startRedis(hasExpired: (key: string) => boolean): Promise<LocalRedis> {
      const file = join(folder, incremental);
      const move = (key: string, atMs: number) => (hasExpired(key) ? 1 : atMs + behindMs + keptLongerMs(key));
      writeFileSync(file, moveExpiries(readFileSync(file), move));
      return startRedis({ dir: join(folder, "redis") });
    },

    member: async (url: string, room: string, options: MemberOptions = {}): Promise<Member> =>
      openMember(present, url, room, { token: await tokenOf("member"), ...options }),
  };
}
