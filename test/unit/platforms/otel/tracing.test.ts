import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createTracing } from "../../../../shared/platforms/otel/tracing.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../../../support/functions/otlp-receiver.ts";

let receiver: OtlpReceiver;

beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
afterAll(() => receiver.close());

function tracing() {
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
  return createTracing({ serviceName: "genops-test", attributes: { "faas.name": "test" } });
}

const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

describe("OpenTelemetry", () => {
  it("nests spans, continues the event's trace, and tells the one that is worked on", async () => {
    const { tracer, flush } = tracing();
    const own = tracer(PARENT);
    expect(own.traceparent()).toBe(PARENT);
    const inner = await own.span("outer", {}, () => own.span("inner", { n: 1 }, async () => own.traceparent()));
    await flush();
    const span = (name: string) => receiver.spans.find((each) => each.name === name);
    expect(span("outer")).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      parentSpanId: "b7ad6b7169203331",
    });
    expect(span("inner")?.parentSpanId).toBe(span("outer")?.spanId);
    expect(inner).toBe(`00-${span("inner")?.traceId}-${span("inner")?.spanId}-01`);
  });

  it("marks a span whose work throws", async () => {
    const { tracer, flush } = tracing();
    await expect(tracer(undefined).span("broken", {}, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    await flush();
    expect(receiver.spans.find(({ name }) => name === "broken")).toMatchObject({ status: 2 });
  });

  it.each([undefined, "", "nonsense", "00-00000000000000000000000000000000-0000000000000000-01"])(
    "begins a trace of its own after %s",
    async (parent) => {
      const { tracer, flush } = tracing();
      const own = tracer(parent);
      expect(own.traceparent()).toBeUndefined();
      await own.span(`own ${parent}`, {}, async () => undefined);
      await flush();
      expect(receiver.spans.find(({ name }) => name === `own ${parent}`)).not.toHaveProperty("parentSpanId");
    },
  );

  it("does not fail work because nobody takes its spans", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `${receiver.url}/nowhere`);
    const { tracer, flush } = createTracing({ serviceName: "genops-test", attributes: {} });
    await tracer(undefined).span("lost", {}, async () => undefined);
    await expect(flush()).resolves.toBeUndefined();
  });
});
