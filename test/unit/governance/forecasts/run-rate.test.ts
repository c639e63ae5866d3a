import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  add,
  formatDecimal,
  fromInteger,
  fromScaled,
  parseDecimal,
  sum,
  ZERO,
} from "../../../../shared/core/decimal.ts";
import { dailyHistory, runRateForecast } from "../../../../shared/governance/forecasts/run-rate.ts";

const decimals = (...texts: string[]) => texts.map(parseDecimal);

function asText({ amount, low, high }: ReturnType<typeof runRateForecast>) {
  return { amount: formatDecimal(amount), low: formatDecimal(low), high: formatDecimal(high) };
}

describe("runRateForecast", () => {
  it("adds the mean of the settled days for each open day", () => {
    const forecast = runRateForecast({
      actual: fromInteger(1000),
      history: dailyHistory(decimals("90", "110", "100")),
      openDays: 20,
      reported: [],
    });
    expect(formatDecimal(forecast.amount)).toBe("3000");
  });

  it("gives an interval of 1.2816 sample deviations times the root of the open days", () => {
    const forecast = runRateForecast({
      actual: fromInteger(1000),
      history: dailyHistory(decimals("90", "110", "100")),
      openDays: 16,
      reported: [],
    });
    expect(asText(forecast)).toEqual({ amount: "2600", low: "2548.736", high: "2651.264" });
  });

  it("tops up an incomplete day to the mean and leaves a dear one as it is", () => {
    const forecast = runRateForecast({
      actual: fromInteger(530),
      history: dailyHistory(decimals("100", "100")),
      openDays: 3,
      reported: decimals("30", "300"),
    });
    expect(asText(forecast)).toEqual({ amount: "700", low: "700", high: "700" });
  });

  it("is the actual cost when no day is open or nothing is settled", () => {
    const actual = fromInteger(7);
    const done = runRateForecast({ actual, history: dailyHistory(decimals("1", "9")), openDays: 0, reported: [] });
    const unknown = runRateForecast({ actual, history: dailyHistory([]), openDays: 9, reported: [] });
    expect([asText(done), asText(unknown)]).toEqual([
      { amount: "7", low: "7", high: "7" },
      { amount: "7", low: "7", high: "7" },
    ]);
  });

  it("says that it hardly knows anything after one settled day", () => {
    const forecast = runRateForecast({
      actual: fromInteger(10),
      history: dailyHistory(decimals("10")),
      openDays: 2,
      reported: [],
    });
    expect(asText(forecast)).toEqual({ amount: "30", low: "10", high: "50" });
  });

  it("lets credits lower the forecast below the actual cost", () => {
    const forecast = runRateForecast({
      actual: fromInteger(10),
      history: dailyHistory(decimals("-2", "-2")),
      openDays: 3,
      reported: [],
    });
    expect(asText(forecast)).toEqual({ amount: "4", low: "4", high: "4" });
  });

  it("never lies below what is already spent while no day is negative", () => {
    const cost = fc.bigInt({ min: 0n, max: 10n ** 24n }).map(fromScaled);
    fc.assert(
      fc.property(
        fc.array(cost, { maxLength: 28 }),
        fc.array(cost, { maxLength: 5 }),
        fc.nat(40),
        (history, reported, later) => {
          const actual = add(sum(history), sum(reported));
          const openDays = reported.length + later;
          const forecast = runRateForecast({ actual, history: dailyHistory(history), openDays, reported });
          expect(forecast.low >= actual && forecast.amount >= forecast.low && forecast.high >= forecast.amount).toBe(
            true,
          );
        },
      ),
    );
  });

  it("has no lowest day below zero without history", () => {
    expect(dailyHistory([]).lowest).toBe(ZERO);
  });
});
