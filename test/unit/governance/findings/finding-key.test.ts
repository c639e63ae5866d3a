import { describe, expect, it } from "vitest";
import { parseDecimal } from "../../../../shared/core/decimal.ts";
import { findingJson } from "../../../../shared/governance/findings/finding-json.ts";
import { findingKey } from "../../../../shared/governance/findings/finding-key.ts";
import { observation } from "../support.ts";

describe("findingKey", () => {
  it("reads like what it names and ends with a fingerprint", () => {
    expect(findingKey(observation())).toMatch(/^budget-team-ml-threshold-80-actual-notify-2024-09-01-[0-9a-f]{12}$/);
  });

  it("does not depend on the order of a scope or on what the rule counted", () => {
    const one = observation({ scope: { a: ["1", "2"], b: ["3"] } });
    const other = observation({ scope: { b: ["3"], a: ["2", "1", "1"] }, amount: parseDecimal("1"), title: "other" });
    expect(findingKey(one)).toBe(findingKey(other));
  });

  it("differs by kind, scope, period, rule, subject and level", () => {
    const keys = [
      observation(),
      observation({ kind: "anomaly" }),
      observation({ scope: {} }),
      observation({ period: { start: "2024-09-01", end: "2024-09-02" } }),
      observation({ rule: "threshold-8-actual-notify" }),
      observation({ subject: "team/m-l" }),
      observation({ level: "critical" }),
    ].map(findingKey);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it("is a safe object key whatever the subject holds", () => {
    expect(findingKey(observation({ subject: "../..//<!channel> Ünïcode" }))).toMatch(/^[a-z0-9-]+$/);
  });
});

describe("findingJson", () => {
  it("prints money as text", () => {
    const at = "2024-09-20T06:00:00.000Z";
    const finding = {
      ...observation(),
      key: "k",
      state: "snoozed" as const,
      openedAt: at,
      updatedAt: at,
      snoozedUntil: at,
      revision: 2,
    };
    const evidence = { ...finding.evidence, contributors: [{ keys: { service: "S" }, amount: parseDecimal("1.50") }] };
    expect(findingJson({ ...finding, evidence })).toEqual({
      key: "k",
      kind: "budget",
      level: "warning",
      state: "snoozed",
      scope: { team: ["ml"] },
      title: "Budget team/ml has used 850.00 of 1000.00 USD",
      amount: "850",
      currency: "USD",
      openedAt: at,
      updatedAt: at,
      revision: 2,
      snoozedUntil: at,
      wantedActions: [{ action: "notify", targets: [{ team: ["ml"] }] }],
      evidence: {
        rows: 3,
        contributors: [{ keys: { service: "S" }, amount: "1.5" }],
        settledShare: "1",
        waitsFor: "",
        facts: { threshold: "80%" },
      },
    });
  });
});
