import { describe, expect, it } from "vitest";
import { fromInteger } from "../../../../../shared/core/decimal.ts";
import type { Finding, Observation } from "../../../../../shared/core/finding.ts";
import {
  answeredBefore,
  repeatedBy,
  toldLouder,
} from "../../../../../shared/governance/anomalies/observe/repeated-by.ts";
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

  it("is nothing for other cost, earlier days, drops and other currencies", () => {
    const scope = { provider: ["gcp"], service: ["GPU"] };
    expect(repeatedBy(seen("over-yesterday", { ...scope, account: ["b"] }, "2024-09-23"), [cause])).toBeUndefined();
    expect(repeatedBy(seen("over-yesterday", scope, "2024-09-22"), [cause])).toBeUndefined();
    expect(repeatedBy(seen("over-yesterday", scope, "2024-09-23", "up", "EUR"), [cause])).toBeUndefined();
    const drop = seen("unusual-cost", scope, "2024-09-23", "down");
    expect(repeatedBy(seen("over-yesterday", scope, "2024-09-23"), [drop])).toBeUndefined();
    expect(repeatedBy(seen("over-yesterday", scope, "2024-09-23"), [])).toBeUndefined();
  });
});

const EC2 = { provider: ["aws"], service: ["EC2"] };
const IN_A = { ...EC2, account: ["a"] };

/** With an amount, the direction of its rule and, of a cause, the days that it has lasted. */
function of(rule: string, scope: Observation["scope"], amount: number, fields: Partial<Observation> = {}): Observation {
  const direction = rule === "spend-at-zero" ? "down" : "up";
  const one = seen(rule, scope, "2024-09-20", direction);
  return { ...one, amount: fromInteger(amount), ...fields };
}

const drop = (scope: Observation["scope"], amount: number, days?: string): Observation => {
  const one = seen("unusual-cost", scope, "2024-09-20", "down");
  const facts = { ...one.evidence.facts, ...(days === undefined ? {} : { days }) };
  return { ...one, amount: fromInteger(amount), evidence: { ...one.evidence, facts } };
};

describe("repeatedBy, of first uses and unit costs", () => {
  const isTold = (rule: Observation, cause: Observation) => repeatedBy(rule, [cause]) === undefined;

  it.each(["first-use", "unit-cost"])("tells %s as the unusual cost that is the same money", (rule) => {
    expect(isTold(of(rule, EC2, 100), of("unusual-cost", IN_A, 90))).toBe(false);
    expect(isTold(of(rule, EC2, 100), of("unusual-cost", { provider: ["aws"] }, 150))).toBe(false);
  });

  it("tells apart what is a small part of the other, another direction, or began long before", () => {
    expect(isTold(of("first-use", EC2, 100), of("unusual-cost", { provider: ["aws"] }, 5000))).toBe(true);
    expect(isTold(of("unit-cost", EC2, 100), of("unusual-cost", IN_A, 40))).toBe(true);
    expect(isTold(of("first-use", EC2, 100), drop(EC2, 100))).toBe(true);
    const old = { period: { start: "2024-09-12", end: "2024-09-13" } };
    expect(isTold(of("first-use", EC2, 100), of("unusual-cost", EC2, 100, old))).toBe(true);
    expect(isTold(of("first-use", EC2, 100), of("unusual-cost", EC2, 100, { currency: "EUR" }))).toBe(true);
  });

  it("sees by the contributors that a new region is the unusual cost of a service", () => {
    const region = { provider: ["aws"], region: ["ap-9"] };
    const parts = (keys: Record<string, string>, amount: number) => ({
      evidence: { ...of("first-use", region, 1).evidence, contributors: [{ keys, amount: fromInteger(amount) }] },
    });
    const news = of("first-use", region, 100, parts({ service: "EC2", account: "a" }, 80));
    expect(isTold(news, of("unusual-cost", EC2, 100))).toBe(false);
    expect(isTold(news, of("unusual-cost", { provider: ["aws"], service: ["S3"] }, 100))).toBe(true);
    const direction = { direction: "up" };
    const cause = of("unusual-cost", EC2, 100, parts({ region: "ap-9" }, 90));
    const named = { ...cause, evidence: { ...cause.evidence, facts: direction } };
    expect(isTold(of("first-use", region, 100), named)).toBe(false);
  });
});

describe("toldLouder", () => {
  const zero = of("spend-at-zero", EC2, 50);

  it("is the spend that stopped, which is money by the day, in place of a drop", () => {
    expect(toldLouder(drop(IN_A, 150, "3"), [of("first-use", EC2, 1), zero])).toBe(zero);
    expect(toldLouder(drop({ provider: ["aws"] }, 250, "3"), [zero])).toBe(zero);
    expect(repeatedBy(zero, [drop(EC2, 150, "3")])).toBeUndefined();
  });

  it("is nothing where most of the drop is elsewhere, or cost rose", () => {
    expect(toldLouder(drop({ provider: ["aws"] }, 500, "3"), [zero])).toBeUndefined();
    expect(toldLouder(drop({ provider: ["aws"] }, 150, "?"), [zero])).toBeUndefined();
    expect(toldLouder(drop({ provider: ["aws"] }, 100), [zero])).toBe(zero);
    expect(toldLouder(of("unusual-cost", EC2, 50), [zero])).toBeUndefined();
  });
});

describe("answeredBefore", () => {
  const closed = (fields: Partial<Finding>): Finding => ({
    ...of("unusual-cost", IN_A, 50),
    ...{ key: "k", state: "resolved", openedAt: "", updatedAt: "", revision: 2, actor: "ada", ...fields },
  });

  it("is what a person closed about the same money, though it has grown", () => {
    const answered = closed({});
    expect(answeredBefore(of("unit-cost", EC2, 150), [answered])).toBe(answered);
    expect(answeredBefore(of("unit-cost", EC2, 500), [answered])).toBeUndefined();
  });

  it("is nothing that ended by itself, is open, or is about another rise", () => {
    const { actor: _, ...byItself } = closed({});
    expect(answeredBefore(of("unit-cost", EC2, 60), [byItself])).toBeUndefined();
    expect(answeredBefore(of("unit-cost", EC2, 60), [closed({ state: "acknowledged" })])).toBeUndefined();
    expect(answeredBefore(of("over-yesterday", EC2, 60), [closed({})])).toBeUndefined();
  });
});
