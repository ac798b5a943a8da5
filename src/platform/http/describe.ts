import { type ContentWithResolver, type HandlerUniqueProperty, resolver, uniqueSymbol } from "hono-openapi";
import type { Input, MiddlewareHandler } from "hono";
import type * as v from "valibot";
import type { HttpEnv } from "./env.ts";

export { describeRoute } from "hono-openapi";

/*
 * What the description of a route is made of. `describeRoute` stands beside the handler and has the
 * summary and the responses; a middleware that checks a part of the request describes that part itself.
 */

/** Gives a middleware the part of the description that follows from what it checks. */
export function described<I extends Input>(
  about: HandlerUniqueProperty,
  middleware: MiddlewareHandler<HttpEnv, string, I>,
): MiddlewareHandler<HttpEnv, string, I> {
  return Object.assign(middleware, { [uniqueSymbol]: about });
}

/** Content of these kinds, for bodies and responses. */
export const json = (schema: v.GenericSchema) => ({ "application/json": { schema: resolver(schema) } });
export const binary = {
  "application/octet-stream": {
    schema: { type: "string", contentMediaType: "application/octet-stream" },
  },
} as const;

/** The response to a request that was done. */
export const ok = (description: string, content?: ContentWithResolver) => ({
  200: { description, ...(content && { content }) },
});
export const refused = { $ref: "#/components/responses/Error" };
/** What a route below `/api` may answer instead of what it is for: the platform checks all of them. */
export const refusals = {
  400: refused,
  401: refused,
  403: refused,
  413: refused,
  429: refused,
  503: refused,
};

/** `security` of routes: which bearers are taken. `requireService` and `requireRead` describe it themselves. */
export const forUsers = [{ token: [] }, { apiKey: [] }];
export const forBackends = [{ apiKey: [] }, { token: [] }];
export const forAnyone: Record<string, string[]>[] = [];
