import { describe, expect, it } from "vitest";
import { ZERO } from "../../../../shared/core/decimal.ts";
import type { Finding } from "../../../../shared/core/finding.ts";
import { loudestThresholds } from "../../../../shared/governance/budgets/loudest-thresholds.ts";

function finding(threshold: number, overrides: Partial<Finding> = {}, action = "notify"): Finding {
  return {
    key: `t${threshold}-${action}`,
    kind: "budget",
    rule: `threshold-${threshold}`,
    level: "warning",
    state: "open",
    scope: {},
    period: { start: "2024-09-01", end: "2024-10-01" },
    subject: "global",
    title: "",
    amount: ZERO,
    currency: "USD",
    wantedActions: [],
    recipients: [],
    evidence: {
      rows: 1,
      contributors: [],
      settledShare: "1",
      waitsFor: "",
      facts: { threshold: `${threshold}%`, basis: "actual", action },
    },
    openedAt: "2024-09-20T10:00:00.000Z",
    updatedAt: "2024-09-20T10:00:00.000Z",
    revision: 1,
    ...overrides,
  };
}

const keys = (findings: readonly Finding[]) => findings.map(({ key }) => key);

describe("loudestThresholds", () => {
  it("tells only the highest of the thresholds that one jump crossed", () => {
    expect(keys(loudestThresholds([finding(80), finding(95), finding(100)]))).toEqual(["t100-notify"]);
  });

  it("goes on telling a threshold that was crossed before", () => {
    const early = finding(80, { openedAt: "2024-09-10T10:00:00.000Z" });
    expect(keys(loudestThresholds([early, finding(95)]))).toEqual(["t80-notify", "t95-notify"]);
  });

  it("tells a lower threshold too when it has recipients whom the highest does not reach", () => {
    const team = { recipients: ["team@example.com"] };
    const all = { recipients: ["team@example.com", "cfo@example.com"] };
    expect(keys(loudestThresholds([finding(80, team), finding(95), finding(100)]))).toEqual([
      "t80-notify",
      "t100-notify",
    ]);
    expect(keys(loudestThresholds([finding(80, team), finding(100, all)]))).toEqual(["t100-notify"]);
  });

  it("keeps thresholds apart that ask for different actions, budgets or periods", () => {
    const others = [
      finding(95, {}, "throttle"),
      finding(95, { subject: "aws" }),
      finding(95, { period: { start: "2024-08-01", end: "2024-09-01" } }),
    ];
    expect(loudestThresholds([finding(80), ...others])).toHaveLength(4);
  });

  it("tells the end of every finding, and the lower threshold again when the higher one is resolved", () => {
    const resolved = finding(100, { state: "resolved" });
    expect(keys(loudestThresholds([finding(80, { state: "resolved" }), finding(95), resolved]))).toEqual([
      "t80-notify",
      "t95-notify",
      "t100-notify",
    ]);
  });
});
