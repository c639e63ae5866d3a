import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../../shared/core/decimal.ts";
import type { Finding } from "../../../../shared/core/finding.ts";
import { webhookEvent } from "../../../../shared/interfaces/notifications/webhook-event.ts";
import type { DeliveryReceipt } from "../../../../shared/ports/notifier.ts";
import { anyFinding, finding, resolved } from "./support.ts";

function eventOf(
  one: Finding,
  previous?: DeliveryReceipt,
): { type: string; event: Record<string, unknown>; bytes: number } {
  const { type, body } = webhookEvent({ id: "msg_1", finding: one, previous });
  return { type, event: JSON.parse(body), bytes: Buffer.byteLength(body) };
}

const told = (state: string): DeliveryReceipt => ({ state, level: "warning" });

describe("webhookEvent", () => {
  it("is a CloudEvent with the finding as data, amounts as decimal strings", () => {
    expect(eventOf(finding()).event).toMatchObject({
      specversion: "1.0",
      id: "msg_1",
      source: "genops",
      type: "genops.finding.opened",
      subject: "budget-ml-2026-11-80",
      time: "2026-11-22T07:00:00.000Z",
      datacontenttype: "application/json",
      data: {
        key: "budget-ml-2026-11-80",
        amount: "12450.5",
        currency: "USD",
        evidence: { contributors: [{ amount: "9000" }, { amount: "450.5" }] },
      },
    });
  });

  it.each([
    [finding(), undefined, "genops.finding.opened"],
    [finding({ revision: 2 }), told("open"), "genops.finding.updated"],
    [finding({ state: "snoozed", revision: 2 }), told("open"), "genops.finding.updated"],
    [finding({ revision: 3 }), told("resolved"), "genops.finding.opened"],
    [resolved(), told("open"), "genops.finding.resolved"],
    [resolved(), undefined, "genops.finding.resolved"],
  ] as const)("names the change by what was told before (%#)", (one, previous, type) => {
    expect(eventOf(one, previous).type).toBe(type);
  });

  it("drops contributors first when the body would reach 20 kB", () => {
    const contributors = Array.from({ length: 1000 }, (_, index) => ({
      keys: { account: `account-${index}` },
      amount: parseDecimal("1"),
    }));
    const { event, bytes } = eventOf(finding({ evidence: { ...finding().evidence, contributors } }));
    expect(bytes).toBeLessThan(20_000);
    expect(event["data"]).toMatchObject({
      trimmed: true,
      title: finding().title,
      evidence: { facts: finding().evidence.facts },
    });
    expect(event).toHaveProperty("data.evidence.contributors.10");
  });

  it("cuts long texts when contributors are not the reason", () => {
    const { event, bytes } = eventOf(finding({ scope: { team: ["é".repeat(200_000)] } }));
    expect(bytes).toBeLessThan(20_000);
    expect(event).toHaveProperty("data.trimmed", true);
    expect(event).toHaveProperty("data.amount", "12450.5");
  });

  it("stays below 20 kB whatever a finding holds", () => {
    fc.assert(
      fc.property(anyFinding, (any) => {
        expect(eventOf(any).bytes).toBeLessThan(20_000);
      }),
      { numRuns: 100 },
    );
  });
});
