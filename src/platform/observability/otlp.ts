import { DiagLogLevel, context, diag, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Logger } from "./log.ts";
import { setTracing } from "./tracing.ts";

export interface Tracing {
  /** Sends what was not sent yet, for so long at most, and stops. */
  stop: () => Promise<void>;
}

const flushWithinMs = 2000;

/**
 * Sends spans to OTEL_EXPORTER_OTLP_ENDPOINT, by OpenTelemetry's own variables (OTEL_SERVICE_NAME,
 * OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS, OTEL_BSP_…). By hand and not by the SDKs for Node and Deno: they
 * patch modules as these are loaded, each in a way of its own, which Bun has not.
 */
export function startTracing(instance: { nodeId: string; version: string; log: Logger }): Tracing {
  diag.setLogger(onceAMinute(instance.log), DiagLogLevel.ERROR);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const resource = defaultResource()
    .merge(
      resourceFromAttributes({
        "service.name": "trimaran",
        "service.version": instance.version,
        "service.instance.id": instance.nodeId,
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));
  // Bounded: what does not fit while the collector is away is dropped.
  const provider = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  });
  trace.setGlobalTracerProvider(provider);
  setTracing(true);
  return {
    async stop() {
      setTracing(false);
      const late = new Promise<void>((resolve) => setTimeout(resolve, flushWithinMs).unref());
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
    },
  };
}

/** The exporter fails with every batch while its collector is away: told once a minute. */
function onceAMinute(log: Logger) {
  let toldAt = -Infinity;
  const ignore = () => {};
  return {
    error(reason: string): void {
      if (performance.now() - toldAt < 60_000) return;
      toldAt = performance.now();
      log.warn({ reason: reason.slice(0, 300) }, "spans could not be sent, and are dropped");
    },
    warn: ignore,
    info: ignore,
    debug: ignore,
    verbose: ignore,
  };
}
