import { describe, expect, it } from "vitest";
import { suggest } from "../../../shared/config/suggest.ts";

describe("suggest", () => {
  it.each([
    ["budgts", "budgets"],
    ["Sources", "sources"],
    ["max_daily_cost", "maxDailyCost"],
    ["xyz", undefined],
    ["", undefined],
  ])("finds for %j %j", (word, meant) => {
    expect(suggest(word, ["budgets", "sources", "maxDailyCost"])).toBe(meant);
  });
});
