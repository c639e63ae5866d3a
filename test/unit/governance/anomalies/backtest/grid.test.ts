import { describe, expect, it } from "vitest";
import { gridOf, isSameGrid, medianStep } from "../../../../../shared/governance/anomalies/backtest/grid.ts";

const MINUTE = 60_000;
const times = (...minutes: number[]) => Float64Array.from(minutes, (minute) => minute * MINUTE);

describe("the grid of a series", () => {
  it("cannot be seen before there are two periods, unless the step is given", () => {
    expect(gridOf(times(), 300_000)).toBeUndefined();
    expect(gridOf(times(7), "auto")).toBeUndefined();
    expect(gridOf(times(7), 5 * MINUTE)).toEqual({ step: 5 * MINUTE, anchor: 7 * MINUTE });
    expect(gridOf(times(7, 17), "auto")).toEqual({ step: 10 * MINUTE, anchor: 7 * MINUTE });
  });

  it("has a step of the clock where times come close to one", () => {
    expect(gridOf(times(0, 5.01, 10, 15.02), "auto")?.step).toBe(5 * MINUTE);
    expect(gridOf(times(0, 4.5, 9), "auto")?.step).toBe(4.5 * MINUTE);
    expect(gridOf(times(0, 1435, 2870), "auto")?.step).toBe(1440 * MINUTE);
  });

  it("lies where most of the newest times do, not where the first one happens to", () => {
    expect(gridOf(times(2.4, 10, 15, 20, 25, 30), 5 * MINUTE)?.anchor).toBe(10 * MINUTE);
  });

  it("is another one only where periods would change", () => {
    const grid = { step: 100, anchor: 0 };
    expect(isSameGrid(grid, { step: 105, anchor: 10_020 })).toBe(true);
    expect(isSameGrid(grid, { step: 100, anchor: 90 })).toBe(true);
    expect(isSameGrid(grid, { step: 120, anchor: 0 })).toBe(false);
    expect(isSameGrid(grid, { step: 100, anchor: 150 })).toBe(false);
  });

  it("takes of an even number of steps the lower middle one", () => {
    expect(medianStep(times(0, 1, 4))).toBe(MINUTE);
    expect(medianStep(times(0, 1, 4, 8))).toBe(3 * MINUTE);
  });
});
