import { describe, expect, it } from "vitest";
import { realisedSaving } from "../../../../shared/clusters/costs/realised-saving.ts";
import { formatDecimal, fromInteger } from "../../../../shared/core/decimal.ts";
import { addDays } from "../../../../shared/core/period.ts";

const planned = fromInteger(2);

function days(start: string, costs: readonly number[]) {
  return costs.map((cost, index) => ({ day: addDays(start, index), cost: fromInteger(cost) }));
}

function realised(question: Partial<Parameters<typeof realisedSaving>[0]>) {
  const { realisedPerHour, ...rest } = realisedSaving({
    days: [],
    plannedPerHour: planned,
    appliedOn: "2026-11-15",
    settledThrough: "2026-11-30",
    ...question,
  });
  return { ...rest, realisedPerHour: realisedPerHour === undefined ? undefined : formatDecimal(realisedPerHour) };
}

describe("realisedSaving", () => {
  it("compares every settled whole day with the same weekday before", () => {
    const week = [240, 240, 240, 240, 240, 120, 120];
    const all = [...days("2026-11-08", week), ...days("2026-11-15", [999, ...week.slice(1).map((cost) => cost - 48)])];
    expect(realised({ days: all })).toEqual({ plannedPerHour: planned, days: 6, realisedPerHour: "2" });
  });

  it("takes the mean of the days before where no same weekday is known", () => {
    const all = [...days("2026-11-13", [100, 140]), ...days("2026-11-16", [72])];
    expect(realised({ days: all })).toMatchObject({ days: 1, realisedPerHour: "2" });
  });

  it("may be negative", () => {
    const all = [...days("2026-11-14", [24]), ...days("2026-11-16", [48])];
    expect(realised({ days: all }).realisedPerHour).toBe("-1");
  });

  it("leaves out days that are not settled, or after the restore", () => {
    const all = [...days("2026-11-14", [48]), ...days("2026-11-16", [24, 48, 9999])];
    expect(realised({ days: all, settledThrough: "2026-11-16" })).toMatchObject({ days: 1, realisedPerHour: "1" });
    expect(realised({ days: all, endedOn: "2026-11-18" })).toMatchObject({ days: 2, realisedPerHour: "0.5" });
  });

  it("says what it waits for", () => {
    expect(realised({ days: days("2026-11-16", [1]) }).waitsFor).toBe("costs of the 14 days before 2026-11-15");
    expect(realised({ days: days("2026-11-14", [1]) })).toMatchObject({
      days: 0,
      waitsFor: "a settled day after 2026-11-15",
    });
  });
});
