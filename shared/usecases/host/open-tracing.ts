import type { Platform } from "../../ports/platform.ts";
import type { Tracing } from "../../ports/tracing.ts";

/** Hands an event's trace on and measures nothing. */
const PASS_ON: Tracing = {
  tracer: (parent) => ({ traceparent: () => parent, span: (_name, _attributes, work) => work() }),
  flush: () => Promise.resolve(),
};

/** OpenTelemetry where `OTEL_EXPORTER_OTLP_ENDPOINT` says where to; it is loaded only then. */
export async function openTracing({ environment, name }: Platform, functionName: string): Promise<Tracing> {
  const endpoint =
    environment["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] ?? environment["OTEL_EXPORTER_OTLP_ENDPOINT"] ?? "";
  if (endpoint === "" || environment["OTEL_SDK_DISABLED"] === "true") return PASS_ON;
  const { createTracing } = await import("../../platforms/otel/tracing.ts");
  return createTracing({
    serviceName: environment["OTEL_SERVICE_NAME"] ?? `genops-${functionName}`,
    attributes: { "cloud.provider": name, "faas.name": functionName },
  });
}
