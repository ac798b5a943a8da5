import type { Logger } from "../observability/log.ts";
import { createSignal } from "../util/signal.ts";
import { type Scope, everything, storeScope } from "./scope.ts";
import { clockToleranceS } from "./tokens.ts";
import type { Action, User } from "./user.ts";

/** What tokens that a user got before a point in time, or within the clocks' tolerance after it, don't allow any more. */
export interface Revocation {
  userId: string;
  scope: Scope;
  /** `write` leaves reading; `read` takes both. */
  action: Action;
  /** Milliseconds since 1970. Tokens issued later, by more than the clocks' tolerance, are judged by what they say. */
  revokedAtMs: number;
}

/** Revocations that outlive this process. MUST: what `add` resolved for is in `all` of the next process. */
export interface LocalRevocations {
  all(): Revocation[];
  add(revocation: Revocation): Promise<void>;
  /** Forgets those from before: no token is that old. */
  prune(beforeMs: number): Promise<void>;
}

/** Revocations of all replicas. */
export interface SharedRevocations {
  isUp(): boolean;
  /** Adds those given. Rejects when they can't be. */
  add(revocations: readonly Revocation[]): Promise<void>;
  all(): Promise<Revocation[]>;
  /** Called when others may have added some. */
  onNews(listener: () => void): void;
  prune(beforeMs: number): Promise<void>;
}

export interface RevocationsOptions {
  local: LocalRevocations;
  shared?: SharedRevocations | undefined;
  /** No token is taken that is older, so nothing older needs to be revoked. */
  maxTokenAgeMs: number;
  log: Logger;
  now?: () => number;
}

/** For clocks that differ: a revocation outlives every token that it speaks of. */
const marginMs = 60_000;

export type Revocations = ReturnType<typeof createRevocations>;

/**
 * What was taken away from users. Each replica has all of it in memory, so that asking costs nothing and
 * needs no Redis; it is kept in the replica's own file and in Redis, and each makes up for what the other lost.
 */
export function createRevocations({ local, shared, maxTokenAgeMs, log, now = Date.now }: RevocationsOptions) {
  const byUser = new Map<string, Map<string, Revocation>>();
  const added = createSignal<Revocation>();
  let syncing = false;
  let wanted = false;

  const oldest = () => now() - maxTokenAgeMs - marginMs;
  const all = () => [...byUser.values()].flatMap((revocations) => [...revocations.values()]);
  const keyOf = (scope: Scope, action: Action) => `${storeScope(scope)} ${action}`;
  const idOf = ({ userId, scope, action }: Revocation) => `${userId} ${keyOf(scope, action)}`;

  /** @returns whether it takes more than was known. */
  function learn(revocation: Revocation): boolean {
    const { userId, scope, action, revokedAtMs } = revocation;
    const key = keyOf(scope, action);
    if (revokedAtMs < oldest()) return false;
    let known = byUser.get(userId);
    if (!known) byUser.set(userId, (known = new Map()));
    if ((known.get(key)?.revokedAtMs ?? 0) >= revokedAtMs) return false;
    known.set(key, revocation);
    return true;
  }

  /** On disk it is for the next process; what it takes away is gone here whether the disk takes it or not. */
  function apply(revocation: Revocation): Promise<void> {
    added.emit(revocation);
    return local.add(revocation);
  }

  function forgetOld(): void {
    const before = oldest();
    for (const [userId, known] of byUser) {
      for (const [key, { revokedAtMs }] of known) if (revokedAtMs < before) known.delete(key);
      if (known.size === 0) byUser.delete(userId);
    }
    local.prune(before).catch((error: unknown) => log.warn({ err: error }, "old revocations stay on disk"));
    shared
      ?.prune(before)
      .catch((error: unknown) => log.debug({ err: error }, "old revocations stay in Redis"));
  }

  /** Makes both sides equal. */
  async function syncOnce(store: SharedRevocations): Promise<void> {
    const theirs = await store.all();
    const news = theirs.filter(learn);
    const kept = await Promise.allSettled(news.map(apply));
    for (const outcome of kept)
      if (outcome.status === "rejected")
        log.warn({ err: outcome.reason }, "a revocation is not on this replica's disk");
    const known = new Map(theirs.map((each) => [idOf(each), each.revokedAtMs]));
    const lacking = all().filter((each) => (known.get(idOf(each)) ?? 0) < each.revokedAtMs);
    if (lacking.length > 0) await store.add(lacking);
  }

  async function sync(): Promise<void> {
    while (wanted && shared?.isUp()) {
      wanted = false;
      await syncOnce(shared).catch((error: unknown) => {
        // The next news, or Redis' next return, is another chance.
        log.warn({ err: error }, "revocations could not be merged");
      });
    }
    syncing = false;
  }

  for (const revocation of local.all()) learn(revocation);
  const timer = setInterval(forgetOld, Math.min(maxTokenAgeMs, 3_600_000));
  timer.unref();

  function refresh(): void {
    wanted = true;
    if (syncing) return;
    syncing = true;
    void sync();
  }
  shared?.onNews(refresh);

  return {
    /** Told of everything that is taken away, here or on another replica. */
    onAdded: added.on,

    /**
     * Whether a token still counts, or, with a room, whether it still does there.
     * A token that says it was issued up to `clockToleranceS` after the revocation does not count either: its issuer's
     * clock may be ahead by so much, and the token then was there before. One issued later counts at once.
     */
    isRevoked({ id, issuedAtMs }: User, scope: Scope = everything, action: Action = "read"): boolean {
      const known = byUser.get(id);
      if (!known) return false;
      const isTaken = (from: Scope, taken: Action) => {
        const revokedAtMs = known.get(keyOf(from, taken))?.revokedAtMs;
        return revokedAtMs !== undefined && issuedAtMs <= revokedAtMs + clockToleranceS * 1000;
      };
      const scopes: Scope[] = [everything, scope];
      return scopes.some((from) => isTaken(from, "read") || (action === "write" && isTaken(from, "write")));
    },

    /**
     * Takes something away, from now on and on all replicas.
     * @returns where it is kept: `local` until Redis is back.
     * @throws {Refusal} `unavailable` when it could not be kept anywhere.
     */
    async revoke(revocation: Omit<Revocation, "revokedAtMs">): Promise<"shared" | "local"> {
      const dated = { ...revocation, revokedAtMs: now() };
      const isNews = learn(dated);
      const [here, there] = await Promise.allSettled([
        isNews ? apply(dated) : Promise.resolve(),
        shared?.isUp() ? shared.add([dated]) : Promise.reject(new Error("Redis is away")),
      ]);
      if (there.status === "fulfilled") return "shared";
      if (here.status === "rejected") throw here.reason;
      return "local";
    },

    /** Redis is back, and may lack what was revoked meanwhile. */
    refresh,
    close: (): void => clearInterval(timer),
  };
}
