import { type Attributes, type Span, SpanKind, SpanStatusCode, context, trace } from "@opentelemetry/api";

/*
 * Spans, by OpenTelemetry's own API. Off unless `startTracing` (otlp.ts) was called: every function here then looks at
 * one variable and does nothing. A look costs less than 1 ns, a call of `traced` with its arguments 5 ns (Node and Bun,
 * in loops of 10^7), where an event takes tens of microseconds.
 */

const tracer = trace.getTracer("trimaran");
const form = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
let isOn = false;

/** Told by whoever starts and stops the exporter, and nobody else. */
export function setTracing(on: boolean): void {
  isOn = on;
}

export const isTracing = (): boolean => isOn;
export { SpanKind };

export interface SpanOptions {
  kind: SpanKind;
  attributes: () => Attributes;
  /** W3C's `traceparent` of who asked; what is not of that form counts as none. */
  parent?: string | undefined;
}

/** Does the work within a span, which ends with it: as an error if it fails. */
export function traced<T>(name: string, options: SpanOptions, work: () => T): T {
  if (!isOn) return work();
  const { kind, attributes, parent } = options;
  const within = parent === undefined ? context.active() : contextOf(parent);
  return tracer.startActiveSpan(name, { kind, attributes: attributes() }, within, (span) => {
    try {
      const result = work();
      if (!(result instanceof Promise)) {
        span.end();
        return result;
      }
      return result.then(
        (value: unknown) => {
          span.end();
          return value;
        },
        (error: unknown) => fail(span, error),
      ) as T;
    } catch (error) {
      return fail(span, error);
    }
  });
}

function fail(span: Span, error: unknown): never {
  span.setStatus({
    code: SpanStatusCode.ERROR,
    message: error instanceof Error ? error.message : String(error),
  });
  span.end();
  throw error;
}

function contextOf(parent: string) {
  const [, traceId = "", spanId = "", flags = ""] = form.test(parent) ? parent.split("-") : [];
  if (traceId === "") return context.active();
  return trace.setSpanContext(context.active(), {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
  });
}

/** The span that is going on, as W3C's `traceparent`; undefined if there is none, or it is not recorded. */
export function traceparent(): string | undefined {
  if (!isOn) return undefined;
  const span = trace.getActiveSpan()?.spanContext();
  return span && (span.traceFlags & 1) === 1 ? `00-${span.traceId}-${span.spanId}-01` : undefined;
}

/** For a line of the log that is written meanwhile. */
export function traceFields(): { trace_id?: string; span_id?: string } {
  const span = isOn ? trace.getActiveSpan()?.spanContext() : undefined;
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
}
