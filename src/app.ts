import { setTimeout } from "node:timers/promises";
import type { ServerOptions } from "socket.io";
import { createAccess } from "./platform/auth/access.ts";
import { type Authorize, authorizeByClaims } from "./platform/auth/permissions.ts";
import { createRevocations } from "./platform/auth/revocations.ts";
import { createSqliteRevocations } from "./platform/auth/sqlite-revocations.ts";
import { createTokenVerifier } from "./platform/auth/tokens.ts";
import type { Config } from "./config.ts";
import { createLocalAdapter } from "./platform/delivery/local-adapter.ts";
import { createSqliteOnceKeys } from "./platform/delivery/once-keys.ts";
import { createSqliteOutbox } from "./platform/delivery/outbox-store.ts";
import * as allFeatures from "./features.ts";
import { createAnswers } from "./platform/http/answers.ts";
import { createHttpApp } from "./platform/http/app.ts";
import { backendRoutes } from "./platform/http/backend.ts";
import { clusterRoutes } from "./platform/http/cluster.ts";
import type { Health } from "./platform/http/health.ts";
import { createMetrics } from "./platform/observability/metrics.ts";
import { createLimits } from "./platform/limits/limits.ts";
import { isSoundPush, selfHealingPushes } from "./platform/contract/compose.ts";
import { type Feature, listFeatures } from "./platform/contract/define.ts";
import { createFeatures, handlersOf } from "./platform/feature.ts";
import { attachAdminUi, isAdminPush } from "./platform/gateway/admin-ui.ts";
import { createBackend } from "./platform/gateway/backend.ts";
import { type Mode, composeApp, platform } from "./platform/gateway/contract.ts";
import { enforceAccess } from "./platform/gateway/access-enforcement.ts";
import { createMembership } from "./platform/gateway/membership.ts";
import { createPresence } from "./platform/gateway/presence.ts";
import { createGateway } from "./platform/gateway/gateway.ts";
import { createCluster } from "./platform/redis/cluster.ts";
import type { Runtime } from "./platform/runtime/contract.ts";
import { createDoor } from "./platform/runtime/door.ts";
import { boundLog } from "./platform/observability/bounded-log.ts";
import { createClientAddress, createProxyTrust } from "./platform/util/client-address.ts";
import type { Logger } from "./platform/observability/log.ts";
import { type Closing, createClosing } from "./platform/util/closing.ts";
import { type OriginCheck, createOriginCheck } from "./platform/util/origin.ts";
import { openDatabase } from "./platform/storage/sqlite.ts";
import { version } from "./platform/util/version.ts";
import { pageRoutes } from "./web/routes.ts";

export interface AppParts {
  log: Logger;
  runtime: Runtime;
  /** What users may do; by their tokens if left out. */
  authorize?: Authorize;
  /** Those of features.ts if left out. */
  features?: readonly Feature[];
}

/** How long a client may be away and be recovered. */
const recoveryWindowMs = 2 * 60_000;
/** What is kept of room events for clients that come back. */
const recent = { maxEvents: 10_000, maxBytes: 2 ** 24 };

/**
 * The whole server, composed: reads top to bottom, starts in order with the listener last, stops in
 * reverse. No environment, no globals, no signals.
 *
 * @throws {Error} when the database can't be opened, a feature can't be created, or two features define the same. All
 * that was opened is closed then.
 */
export function createApp(config: Config, parts: AppParts) {
  const log = boundLog(parts.log);
  const closing = createClosing((part, err) => log.error({ part, err }, "could not be closed"));
  try {
    return compose(config, parts, log, closing);
  } catch (error) {
    // What is open would keep the process from ending, and its failures are logged.
    closing.close().catch(() => {});
    throw error;
  }
}

function compose(config: Config, parts: AppParts, log: Logger, closing: Closing) {
  const { runtime, authorize = authorizeByClaims, features: listed = listFeatures(allFeatures) } = parts;
  const { nodeId } = config;
  const metrics = createMetrics({ version, node: nodeId, runtime: runtime.name });
  closing.add("metrics", metrics.close);
  const observability = { log, metrics };
  const contract = composeApp(listed);
  const database = openDatabase({ file: config.dataFile, maxBytes: config.dataMaxBytes });
  closing.add("the database", database.close);

  // Delivery: over Redis to all replicas, or within this process.
  const common = {
    recoveryWindowMs,
    selfHealing: selfHealingPushes(contract),
    fanOut: runtime.fanOut,
    onRecovery: metrics.countRecovery,
    log,
  };
  const cluster =
    config.redis &&
    createCluster({
      ...config.redis,
      ...common,
      recent,
      outbox: {
        ...config.outbox,
        store: createSqliteOutbox(database),
        onDropped: metrics.countDropped,
      },
      isServerEvent: (event, payload, namespace) =>
        isAdminPush(event, namespace) || isSoundPush(contract, event, payload, namespace),
      onMalformed: metrics.countMalformed,
      onEarly: metrics.countEarly,
      onDeadlineMissed: metrics.countDeadlineMissed,
      measure: {
        onDelivered: (ms) => metrics.observeDelivery(ms / 1000),
        onHop: (ms) => metrics.observeHop(ms / 1000),
      },
    });
  if (cluster) closing.add("Redis", cluster.close);
  const delivery =
    cluster ?? createLocalAdapter({ ...common, ...recent, onceKeys: createSqliteOnceKeys(database) });
  const mode = (): Mode => (cluster ? (cluster.isThere() ? "cluster" : "degraded") : "single");

  // Who may do what, and how much.
  const clientAddress = createClientAddress(config.trustedProxies);
  const isAllowedOrigin = createOriginCheck(config.clientOrigins, createProxyTrust(config.trustedProxies));
  const allowsOrigin: OriginCheck = (request) => {
    const isAllowed = isAllowedOrigin(request);
    if (!isAllowed) metrics.countRefused("origin");
    return isAllowed;
  };
  const limits = createLimits({
    ...config.limits,
    shared: cluster?.limits,
    held: cluster?.held,
    onRefused: metrics.countRefused,
    log,
  });
  closing.add("limits", limits.close);
  const revocations = createRevocations({
    local: createSqliteRevocations(database),
    shared: cluster?.revocations,
    maxTokenAgeMs: config.maxTokenAgeMs,
    log,
  });
  closing.add("revocations", revocations.close);
  const verify = config.tokens && createTokenVerifier(config.tokens);
  const access = createAccess({ verify, authorize, revocations });
  const answers = createAnswers({
    ...config.answers,
    addressOf: (c) => clientAddress(c.env.remoteAddress, c.req.header("x-forwarded-for")),
    onRefused: metrics.countRefused,
  });

  // Socket.IO, with rooms, presence and the features in them.
  const { maxUpdateBytes, maxBodyBytes, maxEntryBytes } = config;
  const socketOptions: Partial<ServerOptions> = {
    maxHttpBufferSize: maxBodyBytes,
    connectTimeout: config.connectTimeoutMs,
    // A client of a replica that hangs notices within their sum.
    pingInterval: 5_000,
    pingTimeout: 5_000,
    serveClient: false,
    connectionStateRecovery: { maxDisconnectionDuration: recoveryWindowMs, skipMiddlewares: false },
    ...(config.clientOrigins.length > 0 && { cors: { origin: config.clientOrigins, credentials: true } }),
    adapter: delivery.adapter as never,
  };
  const gateway = createGateway({
    socketOptions,
    contract,
    clientAddress,
    access,
    limits,
    eventBounds: config.events,
    maxBufferedBytes: config.maxBufferedBytes,
    observability,
  });
  closing.add("Socket.IO", gateway.close);
  const { io, rooms } = gateway;
  const shared = cluster?.shared;
  const services = {
    rooms,
    access,
    limits,
    database,
    shared,
    answers,
    runtime,
    observability,
    maxUpdateBytes,
  };
  const features = createFeatures(listed, config.features, services, closing);
  const presence = createPresence(io, cluster !== undefined);
  closing.add("presence", presence.close);
  const { within } = gateway;
  const membership = createMembership({ rooms, presence, access, limits, features, within });
  const members = enforceAccess({ io, access, log, leave: membership.leave });
  closing.add("permissions", members.close);
  revocations.onAdded(members.apply);
  const state = { mode, nodeId, runtime: runtime.name, offset: delivery.offset };
  const handlers = handlersOf([{ contract: platform, handlers: membership.handlers }, ...features]);
  gateway.open(handlers, state, membership.forget);
  cluster?.onChange(() => gateway.announceMode(state));
  cluster?.onSettled(() => gateway.announceOffset(state));
  cluster?.shared.onGap(() => {
    metrics.countGap();
    gateway.announceGap();
  });

  // HTTP beside it, on the same port.
  let status: Health["status"] = "starting";
  const self = () => ({ nodeId, runtime: runtime.name, mode: mode() });
  const replica = () => ({ ...self(), sockets: gateway.socketCount(), rooms: rooms.sizes() });
  const health = (): Health => ({
    ...self(),
    status,
    redis: cluster ? { configured: true, up: cluster.status().up } : { configured: false },
  });
  const backend = createBackend({ io, rooms, pushes: contract.pushes, mode });
  const { clientOrigins, apiKeys, metricsToken } = config;
  const http = createHttpApp({
    observability,
    settings: { clientOrigins, apiKeys, metricsToken, maxBodyBytes },
    guards: { allowsOrigin, clientAddress, limits, access },
    health,
    contract,
    api: [
      clusterRoutes({ self: replica, replicas: cluster?.replicas }, access, answers),
      backendRoutes({ backend, revocations, answers }),
    ],
    features,
    page: pageRoutes(answers, listed, log),
  });
  const door = createDoor({
    bounds: config.door,
    maxEventBytes: maxBodyBytes,
    maxEntryBytes,
    addressOf: gateway.addressOf,
    mayEnter: gateway.mayEnter,
    onRefused: metrics.countRefused,
  });
  const server = runtime.createServer({
    fetch: (request, source) => http.fetch(request, source),
    io,
    socketOptions,
    allowsOrigin,
    mayOpen: (peer, forwardedFor) => door.mayOpen(clientAddress(peer, forwardedFor)),
    limits: { ...config.http, maxBodyBytes, maxEntryBytes, maxPackets: config.door.maxWaitingPackets },
    onConnection(connection) {
      gateway.watchClient(connection);
      door.guard(connection);
    },
    onRefused: metrics.countRefused,
  });
  metrics.watch({
    connections: gateway.socketCount,
    transportConnections: server.connections,
    waitingBytes: gateway.waitingBytes,
    answerBytes: answers.bytes,
    sessions: () => ("sessions" in delivery ? delivery.sessions() : 0),
    limitRecords: limits.records,
    joined: () => Object.values(rooms.sizes()).reduce((sum, size) => sum + size, 0),
    mode,
    redisRoundTripMs: () => cluster?.status().roundTripMs,
    outbox: () => cluster?.stats().outbox ?? { entries: 0, bytes: 0 },
  });

  let stopped: Promise<void> | undefined;
  async function stop(): Promise<void> {
    status = "draining";
    await setTimeout(config.drainMs);
    await gateway.end(server.close).finally(closing.close);
  }

  return {
    http,
    io,
    door,
    mode,
    observability,
    /** @returns the port it listens on. */
    async listen(): Promise<number> {
      if (config.adminUi)
        await attachAdminUi(io, {
          ...config.adminUi,
          limits,
          clientAddress,
          nodeId,
          onPasswordCheck: metrics.countPasswordCheck,
        });
      await cluster?.start(replica);
      const port = await server.listen(config.port, config.host);
      status = "serving";
      return port;
    },
    /**
     * Not ready at once, then drains and stops. Calling it again gives the same promise.
     *
     * @throws {Error} when all is closed that could be, with the names of the rest, such as of a feature.
     */
    close: (): Promise<void> => (stopped ??= stop()),
  };
}
