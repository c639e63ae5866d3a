import { describe, expect, it } from "vitest";
import type { Observation } from "../../../../../shared/core/finding.ts";
import { repeatedBy } from "../../../../../shared/governance/anomalies/observe/repeated-by.ts";
import { observation } from "../../support.ts";

function seen(
  rule: string,
  scope: Observation["scope"],
  start: string,
  direction = "up",
  currency = "USD",
): Observation {
  const evidence = { rows: 1, contributors: [], settledShare: "1", waitsFor: "", facts: { direction } };
  return observation({ kind: "anomaly", rule, scope, period: { start, end: "2024-10-01" }, currency, evidence });
}

describe("repeatedBy", () => {
  const cause = seen("unusual-cost", { provider: ["gcp"], account: ["a"], service: ["GPU"] }, "2024-09-23");

  it("is the unusual cost that lies in the rise or holds it", () => {
    const whole = seen("over-yesterday", { provider: ["gcp"], service: ["GPU"] }, "2024-09-23");
    expect(repeatedBy(whole, [cause])).toBe(cause);
    const part = seen(
      "absolute-jump",
      { provider: ["gcp"], account: ["a"], service: ["GPU"], region: ["eu"] },
      "2024-09-25",
    );
    expect(repeatedBy(part, [cause])).toBe(cause);
  });

  it("is nothing for other rules, other cost, earlier days, drops and other currencies", () => {
    const scope = { provider: ["gcp"], service: ["GPU"] };
    expect(repeatedBy(seen("first-use", scope, "2024-09-23"), [cause])).toBeUndefined();
    expect(repeatedBy(seen("over-yesterday", { ...scope, account: ["b"] }, "2024-09-23"), [cause])).toBeUndefined();
    expect(repeatedBy(seen("over-yesterday", scope, "2024-09-22"), [cause])).toBeUndefined();
    expect(repeatedBy(seen("over-yesterday", scope, "2024-09-23", "up", "EUR"), [cause])).toBeUndefined();
    const drop = seen("unusual-cost", scope, "2024-09-23", "down");
    expect(repeatedBy(seen("over-yesterday", scope, "2024-09-23"), [drop])).toBeUndefined();
    expect(repeatedBy(seen("over-yesterday", scope, "2024-09-23"), [])).toBeUndefined();
  });
});
