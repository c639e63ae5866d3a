import { describe, expect, it } from "vitest";
import { fromInteger } from "../../../../../shared/core/decimal.ts";
import { addDays } from "../../../../../shared/core/period.ts";
import { recentHistory } from "../../../../../shared/governance/anomalies/rules/recent-history.ts";

describe("recentHistory", () => {
  it("is nothing where nothing is known", () => {
    expect(recentHistory(new Map())).toEqual({});
  });

  it("has gaps where a day is not known, whatever the order of the days", () => {
    const costs = new Map([
      ["2024-09-04", fromInteger(4)],
      ["2024-09-01", fromInteger(1)],
      ["2024-09-02", fromInteger(-2)],
    ]);
    expect(recentHistory(costs)).toEqual({ history: "2024-09-01 1,-2,,4" });
  });

  it("is the newest 30 days", () => {
    const days = Array.from({ length: 40 }, (_, index) => [addDays("2024-08-01", index), fromInteger(index)] as const);
    const { history } = recentHistory(new Map(days));
    expect(history).toMatch(/^2024-08-11 10,11,.*,39$/);
  });
});
