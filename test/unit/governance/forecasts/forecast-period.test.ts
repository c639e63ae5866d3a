import { describe, expect, it } from "vitest";
import { formatDecimal, parseDecimal } from "../../../../shared/core/decimal.ts";
import { withRest } from "../../../../shared/governance/forecasts/forecast-period.ts";
import { forecastRest } from "../../../../shared/governance/forecasts/forecast-rest.ts";
import { costsBefore, knownDays } from "./support.ts";

const ACTUAL = parseDecimal("100.000000000000000007");

describe("withRest", () => {
  it("adds the rest to the exact actual cost, with six digits", () => {
    const forecast = withRest(ACTUAL, { rest: 12.3456789, low: -0.5, high: 1234567.89 });
    expect(Object.values(forecast).map(formatDecimal)).toEqual([
      "112.345700000000000007",
      "99.500000000000000007",
      "1234670.000000000000000007",
    ]);
  });

  it("is the actual cost where nothing is open or nothing is known", () => {
    const known = knownDays(
      "2024-09-11",
      costsBefore("2024-09-11", 60, () => 10),
    );
    const over = withRest(ACTUAL, forecastRest([known], Date.parse("2024-08-01"), Date.parse("2024-09-01")));
    const nothing = withRest(ACTUAL, forecastRest([], Date.parse("2024-09-01"), Date.parse("2024-10-01")));
    expect([over, nothing]).toEqual([
      { amount: ACTUAL, low: ACTUAL, high: ACTUAL },
      { amount: ACTUAL, low: ACTUAL, high: ACTUAL },
    ]);
  });

  it("stays money for years ahead of a few wild days", () => {
    const start = Date.parse("2024-01-10");
    const wild = Float64Array.from({ length: 15 }, (_none, day) => Math.exp(day * ((day * 7) % 11)) / 1e3);
    const completeness = [{ share: 0.01, spread: 3 }];
    for (const days of [366, 3650, 20_000]) {
      const known = { start, costs: wild, completeness, ahead: new Float64Array() };
      const rest = forecastRest([known], start, start + days * 86_400_000);
      const { low, amount, high } = withRest(ACTUAL, rest);
      expect(low <= amount && amount <= high && Number.isFinite(rest.high), String(days)).toBe(true);
    }
  });
});
