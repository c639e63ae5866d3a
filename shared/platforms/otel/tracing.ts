import { AsyncLocalStorage } from "node:async_hooks";
import {
  type Context,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { messageOf } from "../../core/errors.ts";
import type { Tracing } from "../../ports/tracing.ts";

export interface TracingOptions {
  /** `genops-collect` */
  serviceName: string;
  attributes: Readonly<Record<string, string>>;
}

/** A collector that does not answer must not hold an invocation up. */
const FLUSH_TIMEOUT_MS = 3_000;
const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/**
 * Spans by OTLP/HTTP. Where they go and with what headers is said by the standard variables (`OTEL_EXPORTER_OTLP_ENDPOINT`,
 * `OTEL_EXPORTER_OTLP_HEADERS`, …), which the exporter reads itself.
 */
export function createTracing({ serviceName, attributes }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({ timeoutMillis: FLUSH_TIMEOUT_MS });
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ ...attributes, "service.name": serviceName })),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer("genops");
  const active = new AsyncLocalStorage<Context>();

  return {
    tracer: (parent) => {
      const root = contextOf(parent);
      return {
        traceparent: () => traceparentOf(active.getStore() ?? root),
        async span(name, spanAttributes, work) {
          const above = active.getStore();
          const kind = above === undefined ? SpanKind.CONSUMER : SpanKind.INTERNAL;
          const context = above ?? root;
          const span = tracer.startSpan(name, { kind, attributes: { ...spanAttributes } }, context);
          return active.run(trace.setSpan(context, span), () => finish(span, work));
        },
      };
    },
    async flush() {
      await provider.forceFlush({ timeoutMillis: FLUSH_TIMEOUT_MS }).catch(() => undefined);
    },
  };
}

async function finish<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
    throw error;
  } finally {
    span.end();
  }
}

function contextOf(parent: string | undefined): Context {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(parent ?? "") ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(remote) ? trace.setSpanContext(ROOT_CONTEXT, remote) : ROOT_CONTEXT;
}

function traceparentOf(context: Context): string | undefined {
  const span = trace.getSpanContext(context);
  if (span === undefined) return undefined;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, "0")}`;
}
