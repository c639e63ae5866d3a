import { describe, expect, it } from "vitest";
import { formatDecimal } from "../../../shared/core/decimal.ts";
import { observeDeliveries } from "../../../shared/governance/deliveries.ts";
import { findingKey } from "../../../shared/governance/findings/finding-key.ts";
import type { Quarantine } from "../../../shared/ledger/quarantine.ts";

const NOW = new Date("2024-10-02T03:00:00Z");

function quarantine(overrides: Partial<Quarantine> = {}): Quarantine {
  return {
    id: "aws-2024-09-abc",
    source: "aws",
    billingPeriod: "2024-09",
    reason: "empty",
    detail: "no rows in bill.csv",
    at: "2024-10-02T02:00:00.000Z",
    state: "waiting",
    ...overrides,
  };
}

describe("observeDeliveries", () => {
  it("names a quarantined delivery and the two commands that decide it", () => {
    const [seen] = observeDeliveries([quarantine()], [], NOW);
    expect(seen).toMatchObject({
      kind: "quarantine",
      rule: "empty",
      scope: { source: ["aws"] },
      period: { start: "2024-09-01", end: "2024-10-01" },
      title: "aws 2024-09: a delivery was not believed: no rows in bill.csv",
      evidence: {
        rows: 0,
        facts: { confirm: "genops collect confirm aws-2024-09-abc", discard: "genops collect discard aws-2024-09-abc" },
      },
    });
  });

  it("gives the amount and rows of the content that waits", () => {
    const version = {
      id: "v",
      source: "aws",
      billingPeriod: "2024-09",
      contentHash: "h",
      sourceInstant: "",
      rows: 29,
      totals: [{ currency: "EUR", billed: "19.5", effective: "16", absoluteBilled: "19.5" }],
      control: "none" as const,
      parts: [],
      providers: [],
      conformance: [],
      messages: [],
    };
    const [seen] = observeDeliveries([quarantine({ reason: "control-mismatch", version })], [], NOW);
    expect([seen?.currency, seen && formatDecimal(seen.amount), seen?.evidence.rows]).toEqual(["EUR", "19.5", 29]);
  });

  it("dates a delivery without a period by the day it came", () => {
    const [seen] = observeDeliveries([quarantine({ billingPeriod: "" })], [], NOW);
    expect(seen?.period).toEqual({ start: "2024-10-02", end: "2024-10-03" });
  });

  it("leaves out what a person has decided", () => {
    expect(
      observeDeliveries([quarantine({ state: "confirmed" }), quarantine({ state: "discarded" })], [], NOW),
    ).toEqual([]);
  });

  it("keeps one finding per failing source and month, whatever its messages say", () => {
    const at = NOW.toISOString();
    const [first] = observeDeliveries([], [{ source: "gcp", at, messages: ["cannot be read"] }], NOW);
    const [second] = observeDeliveries([], [{ source: "gcp", at, messages: ["something else", "and more"] }], NOW);
    const [silent] = observeDeliveries([], [{ source: "gcp", at, messages: [] }], NOW);
    expect(first).toMatchObject({
      kind: "source",
      rule: "collect-failed",
      title: "gcp could not be collected: cannot be read",
    });
    expect(second && findingKey(second)).toBe(first && findingKey(first));
    expect(silent?.title).toMatch(/unknown reason/);
  });
});
