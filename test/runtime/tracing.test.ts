import { expect, inject, it } from "vitest";
import type { CloudEvent } from "../../shared/core/events.ts";
import { startOtlpReceiver } from "../support/functions/otlp-receiver.ts";
import type { RuntimeName } from "./drivers/driver.ts";
import { RUNTIMES } from "./drivers/index.ts";
import { createWorkspace } from "./support/workspace.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const WANTED = {
  specversion: "1.0",
  id: "wanted-1",
  source: "test",
  type: "genops.collect.wanted",
  time: "2026-11-22T06:00:00Z",
  traceparent: `00-${TRACE}-b7ad6b7169203331-01`,
  data: { source: "company-gcp" },
};

it.each(["aws", "azure", "gcp"] satisfies RuntimeName[])(
  "in %s a trace goes on from event to event, and is sent before the call ends",
  async (name) => {
    const receiver = await startOtlpReceiver();
    const workspace = await createWorkspace();
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
    const driver = await RUNTIMES[name]({ workspace, packages: inject("packages"), env });
    try {
      expect(await driver.deliver("collect", { kind: "message", id: "m-1", body: JSON.stringify(WANTED) })).toBe(true);
      const [first] = receiver.spans.filter((span) => span.name === "collect genops.collect.wanted");
      expect(first).toMatchObject({ service: "genops-collect", traceId: TRACE, parentSpanId: "b7ad6b7169203331" });
      const changed = driver.services.sent.find(({ queue }) => queue === "evaluate")?.body ?? "";
      expect((JSON.parse(changed) as CloudEvent).traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
      expect(await driver.deliver("evaluate", { kind: "message", id: "m-2", body: changed })).toBe(true);
      const evaluation = receiver.spans.filter(({ service }) => service === "genops-evaluate");
      expect(evaluation.map((span) => span.name)).toEqual(
        expect.arrayContaining(["evaluate genops.costs.changed", "evaluate"]),
      );
      expect(new Set(evaluation.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    } finally {
      await driver.close();
      await receiver.close();
      await workspace.remove();
    }
  },
);
