import type { Logger } from "../observability/log.ts";
import { createCpuBudget } from "./cpu-budget.ts";
import { type LimitStore, type Limiter, type Verdict, createLimiter } from "./limiter.ts";
import { createMemoryLimitStore } from "./memory-store.ts";
import { type QuotaStore, type Quota, createQuota } from "./quota.ts";

/** How many of something are allowed in how long. */
export interface Rate {
  limit: number;
  windowMs: number;
}

/** Each limit is there twice: for an address, which many may share, and for a user. */
export interface PerWho<T> {
  address: T;
  user: T;
}

/** Counted in windows: requests, connection attempts, events, and the bytes of these. */
export const rateNames = ["http", "connect", "event", "byte"] as const;
/** Counted while they last: open connections, and documents joined on them. */
export const quotaNames = ["connections", "joined"] as const;
export type RateName = (typeof rateNames)[number];
export type QuotaName = (typeof quotaNames)[number];

export interface LimitsOptions {
  rates: Record<RateName, PerWho<Rate>>;
  quotas: Record<QuotaName, PerWho<number>>;
  /** Attempts at a password: a person needs few, and each costs a good part of a second of the processor. */
  passwords: Rate;
  /** The part of this process' time that one user, or address without users, may have for costly documents. */
  costShare: number;
  /** Counts over all replicas; absent in `single` mode. */
  shared?: ((name: string) => LimitStore) | undefined;
  held?: ((name: string) => QuotaStore) | undefined;
  /** Told which limit refused somebody. */
  onRefused: (limit: string) => void;
  log: Logger;
}

/** Whom something is counted for; either may be left out. */
export interface Who {
  address?: string | undefined;
  userId?: string | undefined;
}

/** Counts `hits` (1 if left out), and says whether they are within the limits of the address and of the user. */
export type Allowance = (who: Who, hits?: number) => Promise<Verdict>;

/**
 * The time for which everybody else waits: merging takes it by a document's parts, a second for one as large as
 * can be.
 */
export interface Cost {
  /** How long somebody has to wait; 0 when they need not. */
  waitMs(who: Who): number;
  charge(who: Who, costMs: number): void;
}

/** What may be had at once of the time that is shared by all. */
const costBurstMs = 25;

/** Something that somebody holds for a while. */
export interface Holding {
  /** Takes one more; false, and nothing is taken, when that would be too many. */
  take(who: Who): Promise<boolean>;
  give(who: Who): void;
}

export type Limits = ReturnType<typeof createLimits>;

/** All limits of the server, by name; `http` and so on for each address, `user-http` and so on for each user. */
export function createLimits(options: LimitsOptions) {
  const { shared, held, onRefused, log } = options;
  const quotas: Quota[] = [];
  const stores: ReturnType<typeof createMemoryLimitStore>[] = [];

  function limiter(name: string, rate: Rate): Limiter {
    const memory = createMemoryLimitStore();
    stores.push(memory);
    return createLimiter({ ...rate, memory, shared: shared?.(name), log });
  }

  function allowance(name: string, { address, user }: PerWho<Rate>): Allowance {
    const ofAddress = limiter(name, address);
    const ofUser = limiter(`user-${name}`, user);
    const judge = async (limit: string, judging: Promise<Verdict>): Promise<Verdict> => {
      const verdict = await judging;
      if (!verdict.allowed) onRefused(limit);
      return verdict;
    };
    return async (who, hits) => {
      const byAddress = who.address === undefined ? undefined : judge(name, ofAddress(who.address, hits));
      if (who.userId === undefined) return byAddress ?? unlimited;
      const [first, second] = await Promise.all([byAddress, judge(`user-${name}`, ofUser(who.userId, hits))]);
      return first && (!first.allowed || (second.allowed && first.remaining < second.remaining))
        ? first
        : second;
    };
  }

  function quota(name: string, limit: number): Quota {
    const created = createQuota({ limit, shared: held?.(name), log });
    quotas.push(created);
    return created;
  }

  function holding(name: QuotaName): Holding {
    const { address, user } = options.quotas[name];
    const ofAddress = quota(name, address);
    const ofUser = quota(`user-${name}`, user);
    return {
      async take(who) {
        if (who.address !== undefined && !(await ofAddress.take(who.address))) {
          onRefused(name);
          return false;
        }
        if (who.userId === undefined || (await ofUser.take(who.userId))) return true;
        if (who.address !== undefined) ofAddress.give(who.address);
        onRefused(`user-${name}`);
        return false;
      },
      give(who) {
        if (who.address !== undefined) ofAddress.give(who.address);
        if (who.userId !== undefined) ofUser.give(who.userId);
      },
    };
  }

  function cost(): Cost {
    const limiter = createCpuBudget({ share: options.costShare, burstMs: costBurstMs });
    const payerOf = ({ userId, address = "" }: Who) => (userId === undefined ? address : `user ${userId}`);
    return {
      waitMs(who) {
        const waitMs = limiter.waitMs(payerOf(who));
        if (waitMs > 0) onRefused("cost");
        return waitMs;
      },
      charge: (who, costMs) => limiter.charge(payerOf(who), costMs),
    };
  }

  return {
    cost: cost(),
    http: allowance("http", options.rates.http),
    connect: allowance("connect", options.rates.connect),
    event: allowance("event", options.rates.event),
    byte: allowance("byte", options.rates.byte),
    password: allowance("password", { address: options.passwords, user: options.passwords }),
    connections: holding("connections"),
    joined: holding("joined"),
    /** Windows of addresses and users that this process keeps. */
    records: (): number => stores.reduce((sum, store) => sum + store.size(), 0),
    close(): void {
      for (const each of quotas) each.close();
    },
  };
}

const unlimited: Verdict = { allowed: true, limit: Infinity, remaining: Infinity, resetInMs: 0 };
