import { serve } from "../identity/server.ts";

export interface ReceivedSpan {
  service: string;
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  /** 2: the work failed. */
  status: number;
}

export interface OtlpReceiver {
  url: string;
  spans: ReceivedSpan[];
  close(): Promise<void>;
}

interface ExportRequest {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: {
      spans: { name: string; traceId: string; spanId: string; parentSpanId?: string; status?: { code?: number } }[];
    }[];
  }[];
}

/** Takes traces over OTLP/HTTP as JSON. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const server = await serve(({ url, body }) => {
    if (url.pathname !== "/v1/traces") return { status: 404, body: "" };
    for (const { resource, scopeSpans } of (JSON.parse(body) as ExportRequest).resourceSpans) {
      const service = resource.attributes.find(({ key }) => key === "service.name")?.value.stringValue ?? "";
      for (const { name, traceId, spanId, parentSpanId, status } of scopeSpans.flatMap((each) => each.spans))
        spans.push({
          service,
          name,
          traceId,
          spanId,
          ...(parentSpanId === undefined ? {} : { parentSpanId }),
          status: status?.code ?? 0,
        });
    }
    return { status: 200, headers: { "content-type": "application/json" }, body: "{}" };
  });
  return { url: server.url, spans, close: server.close };
}
