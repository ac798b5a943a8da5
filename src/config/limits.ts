import * as v from "valibot";
import type { LimitsOptions } from "../platform/limits/limits.ts";
import { count, rate } from "../platform/util/variables.ts";

/** What an address and a user may have, over all replicas. */
export const limitVariables = v.object({
  HTTP_RATE: v.optional(rate, "1200/60s"),
  USER_HTTP_RATE: v.optional(rate, "600/60s"),
  CONNECT_RATE: v.optional(rate, "1200/60s"),
  USER_CONNECT_RATE: v.optional(rate, "120/60s"),
  EVENT_RATE: v.optional(rate, "20000/10s"),
  USER_EVENT_RATE: v.optional(rate, "2000/10s"),
  BYTE_RATE: v.optional(rate, "500000000/10s"),
  USER_BYTE_RATE: v.optional(rate, "50000000/10s"),
  MAX_CONNECTIONS: v.optional(count(1, 10_000_000), "5000"),
  USER_MAX_CONNECTIONS: v.optional(count(1, 10_000_000), "100"),
  MAX_JOINED: v.optional(count(1, 10_000_000), "20000"),
  USER_MAX_JOINED: v.optional(count(1, 10_000_000), "1000"),
  ADMIN_UI_RATE: v.optional(rate, "10/60s"),
  COST_PERCENT: v.optional(count(1, 100), "5"),
});

export function limitConfig(vars: v.InferOutput<typeof limitVariables>) {
  return {
    rates: {
      http: { address: vars.HTTP_RATE, user: vars.USER_HTTP_RATE },
      connect: { address: vars.CONNECT_RATE, user: vars.USER_CONNECT_RATE },
      event: { address: vars.EVENT_RATE, user: vars.USER_EVENT_RATE },
      byte: { address: vars.BYTE_RATE, user: vars.USER_BYTE_RATE },
    },
    quotas: {
      connections: { address: vars.MAX_CONNECTIONS, user: vars.USER_MAX_CONNECTIONS },
      joined: { address: vars.MAX_JOINED, user: vars.USER_MAX_JOINED },
    },
    /** Attempts at the Admin UI's password, of an address. */
    passwords: vars.ADMIN_UI_RATE,
    costShare: vars.COST_PERCENT / 100,
  } satisfies Pick<LimitsOptions, "rates" | "quotas" | "passwords" | "costShare">;
}
