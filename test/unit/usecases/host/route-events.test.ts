import { describe, expect, it } from "vitest";
import { GenOpsError } from "../../../../shared/core/errors.ts";
import type { CloudEvent, EventType } from "../../../../shared/core/events.ts";
import type { Platform } from "../../../../shared/ports/platform.ts";
import { createRoutedBus } from "../../../../shared/usecases/host/route-events.ts";

function event(type: EventType): CloudEvent {
  return {
    specversion: "1.0",
    id: "1",
    source: "test",
    type,
    time: "2026-11-22T06:00:00Z",
    datacontenttype: "application/json",
    data: {},
  };
}

function platformOf(environment: Platform["environment"], openQueue: Platform["openQueue"]): Platform {
  return { name: "local", environment, memoryMb: 0, fetchSecrets: () => Promise.resolve(new Map()), openQueue };
}

describe("events between functions", () => {
  it("open each queue once, and again after a failure", async () => {
    const opened: string[] = [];
    const sent: string[] = [];
    const bus = createRoutedBus(
      platformOf({ GENOPS_QUEUE_COLLECT: "c" }, async (address) => {
        opened.push(address);
        if (opened.length === 1) throw new GenOpsError("config", "no such queue");
        return { send: async (message) => void sent.push(message) };
      }),
    );
    await expect(bus.publish(event("genops.collect.wanted"))).rejects.toThrow("no such queue");
    await bus.publish(event("genops.collect.wanted"));
    await bus.publish(event("genops.collect.part"));
    expect([opened, sent.length]).toEqual([["c", "c"], 2]);
  });

  it("wait in the queue for as long as they are to", async () => {
    const sent: unknown[] = [];
    const send = (_message: string, delivery?: { delayMs?: number }) => Promise.resolve(void sent.push(delivery));
    const bus = createRoutedBus(platformOf({ GENOPS_QUEUE_COLLECT: "c" }, () => Promise.resolve({ send })));
    await bus.publish(event("genops.collect.wanted"), { delayMs: 30_000 });
    expect(sent).toEqual([{ delayMs: 30_000 }]);
  });

  it("are to be sent again when a queue does not take them, whatever its SDK throws", async () => {
    const send = () => Promise.reject(new TypeError("socket hang up"));
    const bus = createRoutedBus(platformOf({ GENOPS_QUEUE_EVALUATE: "e" }, () => Promise.resolve({ send })));
    await expect(bus.publish(event("genops.costs.changed"))).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
      message: "genops.costs.changed cannot be sent to e: socket hang up",
    });
  });

  it("must not get lost where work depends on them, and may where a schedule does the same", async () => {
    const bus = createRoutedBus(
      platformOf({ GENOPS_QUEUE_EVALUATE: "" }, () => Promise.reject(new Error("not asked"))),
    );
    await expect(bus.publish(event("genops.collect.part"))).rejects.toMatchObject({ code: "config" });
    await bus.publish(event("genops.costs.changed"));
    await bus.publish(event("genops.action.wanted"));
    expect(["genops.costs.changed", "genops.action.wanted"].map((type) => bus.reaches(type as EventType))).toEqual([
      false,
      false,
    ]);
  });
});
