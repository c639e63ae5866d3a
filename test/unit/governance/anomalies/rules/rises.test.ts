import { describe, expect, it } from "vitest";
import { formatDecimal, fromInteger, parseDecimal } from "../../../../../shared/core/decimal.ts";
import { addDays } from "../../../../../shared/core/period.ts";
import { absoluteJump } from "../../../../../shared/governance/anomalies/rules/absolute-jump.ts";
import { overYesterday } from "../../../../../shared/governance/anomalies/rules/over-yesterday.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const rule = { ratio: parseDecimal("1.5"), forMinutes: 30, floor: fromInteger(1) };

/** Points of a series with a regular step; undefined is a gap. */
function series(step: number, amounts: readonly (number | undefined)[], start = 0) {
  return amounts.flatMap((amount, index) =>
    amount === undefined ? [] : [{ at: start + index * step, amount: fromInteger(amount) }],
  );
}

describe("overYesterday", () => {
  it("fires on a day over the ratio of the day before", () => {
    const [alert, ...others] = overYesterday(series(DAY, [100, 100, 151, 151]), 1440, rule);
    expect(alert).toEqual({ start: 2 * DAY, end: 3 * DAY, amount: fromInteger(151), before: fromInteger(100) });
    expect(others).toEqual([]);
  });

  it("does not fire at the ratio itself or below the floor", () => {
    expect(overYesterday(series(DAY, [100, 150]), 1440, rule)).toEqual([]);
    expect(overYesterday(series(DAY, [100, 199]), 1440, { ...rule, floor: fromInteger(100) })).toEqual([]);
  });

  it("compares an hour with the same hour of yesterday", () => {
    const yesterday = Array.from({ length: 24 }, (_, hour) => (hour === 12 ? 100 : 10));
    const today = [...yesterday].map((cost, hour) => (hour === 3 ? 40 : cost));
    const alerts = overYesterday(series(HOUR, [...yesterday, ...today]), 60, rule);
    expect(alerts.map(({ start, end }) => [start - DAY, end - DAY])).toEqual([[3 * HOUR, 4 * HOUR]]);
  });

  it("needs the rise for so many minutes in a row", () => {
    const step = HOUR / 6;
    const yesterday = Array.from({ length: 144 }, () => 10);
    const today = yesterday.map((cost, index) => ([5, 6, 20, 21, 22].includes(index) ? 40 : cost));
    const alerts = overYesterday(series(step, [...yesterday, ...today]), 10, rule);
    expect(
      alerts.map(({ start, amount, before }) => [(start - DAY) / step, formatDecimal(amount), formatDecimal(before)]),
    ).toEqual([[20, "120", "30"]]);
  });

  it("does not count a missing day before as zero, and lets a gap end a run", () => {
    expect(overYesterday(series(DAY, [undefined, 500]), 1440, rule)).toEqual([]);
    const yesterday = [1, 1, 1];
    const today = [9, undefined, 9];
    const points = [...series(HOUR / 4, yesterday), ...series(HOUR / 4, today, DAY)];
    expect(overYesterday(points, 15, rule)).toEqual([]);
  });

  it("takes a negative day before for nothing, and a zero day for zero", () => {
    expect(overYesterday(series(DAY, [-100, 5]), 1440, rule).map(({ before }) => before)).toEqual([fromInteger(0)]);
    expect(overYesterday(series(DAY, [0, 5]), 1440, rule)).toHaveLength(1);
    expect(overYesterday(series(DAY, [-100, -5]), 1440, rule)).toEqual([]);
  });
});

describe("absoluteJump", () => {
  const START = "2024-09-01";
  const jumpRule = { amount: fromInteger(100) };
  const costs = (...amounts: (number | undefined)[]) =>
    new Map(
      amounts.flatMap((amount, index) =>
        amount === undefined ? [] : [[addDays(START, index), fromInteger(amount)] as const],
      ),
    );

  it("sees a day far above the mean of the seven days before", () => {
    expect(absoluteJump(costs(10, 10, 10, 10, 10, 10, 10, 110), "2024-09-08", jumpRule)).toEqual({
      amount: fromInteger(110),
      mean: fromInteger(10),
    });
    expect(absoluteJump(costs(10, 10, 10, 10, 10, 10, 10, 109), "2024-09-08", jumpRule)).toBeUndefined();
  });

  it("wants more than a quarter over the mean, however much money it is", () => {
    expect(absoluteJump(costs(1000, 1000, 1000, 1250), "2024-09-04", jumpRule)).toBeUndefined();
    expect(absoluteJump(costs(1000, 1000, 1000, 1251), "2024-09-04", jumpRule)).toBeDefined();
  });

  it("wants at least three known days", () => {
    expect(absoluteJump(costs(10, undefined, undefined, 10, 500), "2024-09-05", jumpRule)).toBeUndefined();
    expect(absoluteJump(costs(10, undefined, 10, 10, 500), "2024-09-05", jumpRule)).toBeDefined();
  });

  it("jumps once where the series stays, and again where it jumps again", () => {
    const stays = costs(10, 10, 10, 10, 500, 510, 900);
    const days = ["2024-09-05", "2024-09-06", "2024-09-07"];
    expect(days.map((day) => absoluteJump(stays, day, jumpRule) !== undefined)).toEqual([true, false, true]);
  });
});
