import { describe, expect, it } from "vitest";
import { contains, sensitivityOf } from "../../../../../shared/governance/anomalies/feedback/sensitivity.ts";
import { said } from "./support.ts";

const now = new Date("2024-09-20T09:00:00Z");
const series = { scope: { provider: ["aws"], service: ["Compute"] }, currency: "USD" };
const day = (text: string) => Date.parse(text);
const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000).toISOString();

describe("sensitivityOf", () => {
  it("is as if nothing had been said where nothing was", () => {
    expect(sensitivityOf([], series, now)).toEqual({ planned: [], newLevels: [], caution: 1 });
  });

  it("masks planned days and starts anew where a level is expected", () => {
    const planned = said({ kind: "planned", planned: { start: "2024-09-19", end: "2024-09-22" } });
    const expected = said({ kind: "expected" });
    expect(sensitivityOf([planned, expected], series, now)).toEqual({
      planned: [{ from: day("2024-09-19"), to: day("2024-09-22") }],
      newLevels: [day("2024-09-18")],
      caution: 1,
    });
  });

  it("grows more cautious with every alert called wrong, up to three times", () => {
    const caution = (count: number) =>
      sensitivityOf(
        Array.from({ length: count }, (_, index) => said({ id: `x-${index}` })),
        series,
        now,
      ).caution;
    expect([0, 1, 2, 3, 9].map(caution)).toEqual([1, 1.5, 2.25, 3, 3]);
  });

  it("forgets a wrong call after half a year, little by little", () => {
    const caution = (days: number) => sensitivityOf([said({ at: daysAgo(days) })], series, now).caution;
    expect([0, 180, 270, 400].map(caution)).toEqual([1.5, 1.5, 1, 1]);
    expect(caution(225)).toBeCloseTo(Math.sqrt(1.5));
  });

  it("lets what is undone have no effect", () => {
    const undone = { by: "bob", at: "2024-09-20T10:00:00.000Z" };
    expect(sensitivityOf([said({ undone })], series, now).caution).toBe(1);
  });

  it("touches the series and those below it, in the same currency only", () => {
    const caution = (scope: Record<string, string[]>, currency = "USD") =>
      sensitivityOf([said()], { scope, currency }, now).caution;
    expect(caution({ ...series.scope, account: ["111"] })).toBe(1.5);
    expect(caution(series.scope, "EUR")).toBe(1);
    expect(caution({ provider: ["aws"] })).toBe(1);
    expect(caution({})).toBe(1);
    expect(caution({ provider: ["aws"], service: ["Storage"] })).toBe(1);
    expect(sensitivityOf([said({ scope: {} })], series, now).caution).toBe(1.5);
  });
});

describe("contains", () => {
  it("wants every value of the inner scope in the outer", () => {
    expect(contains({ team: ["a", "b"] }, { team: ["a"] })).toBe(true);
    expect(contains({ team: ["a"] }, { team: ["a", "b"] })).toBe(false);
    expect(contains({ team: ["a"] }, { team: [] })).toBe(false);
  });
});
