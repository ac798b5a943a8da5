import type { ServerOptions } from "socket.io";
import { createAccess } from "./auth/access.ts";
import { type Authorize, authorizeByClaims } from "./auth/permissions.ts";
import { createRevocations } from "./auth/revocations.ts";
import { createSqliteRevocations } from "./auth/sqlite-revocations.ts";
import { createTokenVerifier } from "./auth/tokens.ts";
import type { Config } from "./config.ts";
import { createDocuments } from "./documents/documents.ts";
import { createLocalAdapter } from "./delivery/local-adapter.ts";
import { createSqliteOnceKeys } from "./delivery/once-keys.ts";
import { createSqliteOutbox } from "./delivery/outbox-store.ts";
import { createSqliteStore } from "./documents/sqlite-store.ts";
import { createJsonReader } from "./documents/json-reader.ts";
import { createAnswers } from "./http/answers.ts";
import { createHttpApp } from "./http/app.ts";
import type { Health } from "./http/health.ts";
import { createMetrics } from "./http/metrics.ts";
import { createLimits } from "./limits/limits.ts";
import { createMemoryOnce } from "./limits/once.ts";
import { attachAdminUi } from "./realtime/admin-ui.ts";
import type { Mode, ServerEventName } from "./realtime/events.ts";
import { createRealtime } from "./realtime/server.ts";
import { isServerEvent } from "./realtime/server-events.ts";
import { createReconciler } from "./realtime/reconciler.ts";
import { createCluster } from "./redis/cluster.ts";
import type { Runtime } from "./runtime/contract.ts";
import { createDoor } from "./runtime/door.ts";
import { boundLog } from "./shared/bounded-log.ts";
import { createClientAddress, createProxyTrust } from "./shared/client-address.ts";
import type { Logger } from "./shared/log.ts";
import { type OriginCheck, createOriginCheck } from "./shared/origin.ts";
import { openDatabase } from "./shared/sqlite.ts";
import { version } from "./shared/version.ts";

export interface AppParts {
  log: Logger;
  runtime: Runtime;
  /** What users may do; by their tokens if left out. */
  authorize?: Authorize;
}

/** How long a client may be away and be recovered. */
const recoveryWindowMs = 2 * 60_000;
/** How long a connection may take to close when the server stops. */
const closeGraceMs = 1000;
/** What is kept of room events for clients that come back. */
const recent = { maxEvents: 10_000, maxBytes: 2 ** 24 };
/** Documents are made equal on every connect; presence is lossy. Neither is kept for who was away. */
const selfHealing = new Set<ServerEventName>(["receive-changes", "receive-presence"]);

/**
 * The whole server, composed: reads top to bottom, starts in order with the listener last, stops in
 * reverse. No environment, no globals, no signals.
 *
 * @throws {StartupError} when the document store can't be opened.
 */
export function createApp(config: Config, { runtime, authorize = authorizeByClaims, ...parts }: AppParts) {
  const { nodeId, redis } = config;
  const log = boundLog(parts.log);
  let status: Health["status"] = "starting";

  const database = openDatabase({ file: config.dataFile, maxBytes: config.dataMaxBytes });
  const cluster =
    redis &&
    createCluster({
      ...redis,
      log,
      fanOut: runtime.fanOut,
      selfHealing,
      recoveryWindowMs,
      recent,
      outbox: {
        ...config.outbox,
        store: createSqliteOutbox(database),
        onDropped: () => metrics.countDropped(),
      },
      self: () => replica(),
      isServerEvent,
      onMalformed: (source) => metrics.countMalformed(source),
      onRemoteEvent: (event, payload) => reconciler.noteRemote(event, payload),
      onReturn: (briefly) => reconciler.run(briefly),
      onGap() {
        metrics.countGap();
        reconciler.run(false);
        realtime.announceGap();
      },
      onEarly: () => metrics.countEarly(),
      onDeadlineMissed: () => metrics.countDeadlineMissed(),
      onSettled: () => realtime.announceOffset(),
      onRecovery: (outcome) => metrics.countRecovery(outcome),
      measure: {
        onDelivered: (ms) => metrics.observeDelivery(ms / 1000),
        onHop: (ms) => metrics.observeHop(ms / 1000),
      },
    });
  const delivery =
    cluster ??
    createLocalAdapter({
      selfHealing,
      recoveryWindowMs,
      ...recent,
      onceKeys: createSqliteOnceKeys(database),
      fanOut: runtime.fanOut,
      onRecovery: (outcome) => metrics.countRecovery(outcome),
      log,
    });
  const mode = (): Mode => (cluster ? (cluster.isThere() ? "cluster" : "degraded") : "single");

  const documents = createDocuments({
    local: createSqliteStore(database),
    shared: cluster?.documents,
    maxDocumentBytes: config.maxDocumentBytes,
    maxUpdates: config.maxDocumentUpdates,
    onLoad: () => metrics.countLoad(),
    onMerge: () => metrics.countMerge(),
    log,
  });
  const limits = createLimits({
    ...config.limits,
    shared: cluster?.limits,
    held: cluster?.held,
    onRefused: (limit) => metrics.countRefused(limit),
    log,
  });
  const revocations = createRevocations({
    local: createSqliteRevocations(database),
    shared: cluster?.revocations,
    maxTokenAgeMs: config.maxTokenAgeMs,
    log,
  });
  const access = createAccess({
    verify: config.tokens && createTokenVerifier(config.tokens),
    authorize,
    revocations,
  });
  const toJson = createJsonReader({ startScript: runtime.startScript });
  const clientAddress = createClientAddress(config.trustedProxies);
  const metrics = createMetrics({ version, node: nodeId, runtime: runtime.name });
  const answers = createAnswers({
    ...config.answers,
    addressOf: (c) => clientAddress(c.env.remoteAddress, c.req.header("x-forwarded-for")),
    onRefused: metrics.countRefused,
  });
  const isAllowedOrigin = createOriginCheck(config.clientOrigins, createProxyTrust(config.trustedProxies));
  const allowsOrigin: OriginCheck = (request) => {
    const isAllowed = isAllowedOrigin(request);
    if (!isAllowed) metrics.countRefused("origin");
    return isAllowed;
  };

  // A base64 update on long-polling is a third larger, and an event is more than its update.
  const maxBodyBytes = Math.ceil((config.maxUpdateBytes * 4) / 3) + 65_536;
  const { maxConnectBytes, maxNamespaces } = config.door;
  const maxEntryBytes = Math.min(maxBodyBytes, Math.max(65_536, maxConnectBytes * maxNamespaces));
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
  const realtime = createRealtime({
    socketOptions,
    nodeId,
    runtime: runtime.name,
    clustered: cluster !== undefined,
    documents,
    once: createMemoryOnce(),
    clientAddress,
    access,
    revocations,
    limits,
    eventBounds: config.events,
    maxBufferedBytes: config.maxBufferedBytes,
    mode,
    offset: delivery.offset,
    log,
    onResult: metrics.observeEvent,
    onSlowClient: metrics.countSlowClient,
    onFlood: () => metrics.countRefused("refusals"),
  });
  const { io } = realtime;
  const reconciler = createReconciler({ io, documents, log });
  cluster?.onChange(() => realtime.announceMode());

  const self = () => ({ nodeId, runtime: runtime.name, mode: mode() });
  const replica = () => ({ ...self(), sockets: realtime.socketCount(), rooms: realtime.documentSizes() });
  const health = (): Health => ({
    ...self(),
    status,
    redis: cluster ? { configured: true, up: cluster.status().up } : { configured: false },
  });
  const http = createHttpApp({
    health,
    metrics,
    metricsToken: config.metricsToken,
    answers,
    documents: { read: documents.read, toJson: toJson.read },
    cluster: { self: replica, replicas: cluster?.replicas },
    backend: realtime.backend,
    revocations,
    maxUpdateBytes: config.maxUpdateBytes,
    apiKeys: config.apiKeys,
    clientOrigins: config.clientOrigins,
    allowsOrigin,
    maxBodyBytes,
    clientAddress,
    limits,
    access,
    log,
  });
  const door = createDoor({
    bounds: config.door,
    maxEventBytes: maxBodyBytes,
    maxEntryBytes,
    addressOf: realtime.addressOf,
    mayEnter: realtime.mayEnter,
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
      realtime.watchClient(connection);
      door.guard(connection);
    },
    onRefused: metrics.countRefused,
  });
  metrics.watch({
    connections: realtime.socketCount,
    transportConnections: server.connections,
    waitingBytes: realtime.waitingBytes,
    answerBytes: answers.bytes,
    sessions: () => ("sessions" in delivery ? delivery.sessions() : 0),
    limitRecords: limits.records,
    joined: () => Object.values(realtime.documentSizes()).reduce((sum, size) => sum + size, 0),
    documents: documents.stats,
    journalled: documents.journalled,
    mode,
    redisRoundTripMs: () => cluster?.status().roundTripMs,
    outbox: () => cluster?.stats().outbox ?? { entries: 0, bytes: 0 },
  });

  let closing: Promise<void> | undefined;
  async function stop(): Promise<void> {
    status = "draining";
    await new Promise((resolve) => setTimeout(resolve, config.drainMs));
    await realtime.moveClients();
    // Waits for every connection to end; the server ends those that don't, such as of a client that hangs.
    const closed = realtime.close();
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, closeGraceMs))]);
    await server.close();
    await closed;
    await documents.close();
    revocations.close();
    limits.close();
    toJson.close();
    await cluster?.close();
    metrics.close();
    database.close();
  }

  return {
    http,
    io,
    door,
    mode,
    countUncaught: metrics.countUncaught,
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
      await cluster?.start();
      const port = await server.listen(config.port, config.host);
      status = "serving";
      return port;
    },
    /** Not ready at once, then drains and stops. Calling it again gives the same promise. */
    close: (): Promise<void> => (closing ??= stop()),
  };
}
