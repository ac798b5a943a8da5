import type { Hono } from "hono";
import { StartupError } from "../util/errors.ts";
import type { HttpEnv } from "./env.ts";
import { covers, overlap } from "./route-patterns.ts";

/** The routes of one feature. */
export interface FeatureRoutes {
  contract: { name: string };
  routes?: Hono<HttpEnv>;
}

type Entry = Hono<HttpEnv>["routes"][number];
type Route = Pick<Entry, "method" | "path"> & { owner: string };

const base = "/api";

/**
 * Puts the routes of features below `/api`, beside the platform's, which are there. A feature's middleware runs for its
 * own routes alone.
 *
 * @throws {StartupError} when two features, or a feature and the platform, would answer the same request.
 */
export function addFeatureRoutes(app: Hono<HttpEnv>, features: readonly FeatureRoutes[]): void {
  const taken: Route[] = app.routes
    .filter(({ method, path }) => method !== "ALL" && path.startsWith(`${base}/`))
    .map(({ method, path }) => ({ method, path, owner: "The platform" }));
  for (const { contract, routes } of features) {
    if (!routes) continue;
    const entries = confine(routes.routes, taken);
    const own = entries.map(({ method, path }) => ({
      method,
      path: base + path,
      owner: `the feature ${contract.name}`,
    }));
    for (const route of own) refuseTaken(taken, route);
    taken.push(...own);
    // As the feature's, with its handler of errors, but for the list.
    app.route(base, Object.create(routes, { routes: { value: entries } }) as typeof routes);
  }
}

/**
 * Middleware that would run for routes of others, such as `routes.use(…)` for `/api/*`, is put at each of the feature's own
 * routes instead. It is left where it is, and refused then, when none of these is in its path.
 */
function confine(entries: readonly Entry[], taken: readonly Route[]): Entry[] {
  const isWide = ({ method, path, handler }: Entry) =>
    method === "ALL" &&
    handler.length > 1 &&
    !path.includes(":") &&
    taken.some((other) => overlap(other.path, base + path));
  const routes = new Map(
    entries.filter((entry) => !isWide(entry)).map((entry) => [`${entry.method} ${entry.path}`, entry]),
  );
  return entries.flatMap((entry) => {
    if (!isWide(entry)) return entry;
    const own = [...routes.values()].filter(({ path }) => covers(entry.path, path));
    return own.length === 0
      ? entry
      : own.map(({ method, path, basePath }) => ({ ...entry, method, path, basePath }));
  });
}

function refuseTaken(taken: readonly Route[], { method, path, owner }: Route): void {
  const other = taken.find(
    (each) =>
      (each.method === method || each.method === "ALL" || method === "ALL") && overlap(each.path, path),
  );
  if (!other) return;
  throw new StartupError(
    `${capitalized(other.owner)} and ${owner} answer the same requests, by ${other.method} ${other.path} and ` +
      `${method} ${path}: rename one of them. Paths of a feature best begin with its name.`,
  );
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
