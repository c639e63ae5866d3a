import { describe, expect, it } from "vitest";
import {
  medianOfFew,
  quantileOf,
  runningMedians,
  scratchOf,
} from "../../../../../shared/governance/forecasts/model/numbers.ts";

describe("medianOfFew", () => {
  it("is the middle, the mean of two middles, and 0 of nothing", () => {
    expect(medianOfFew(Float64Array.of(3, 1, 2, 99), 3)).toBe(2);
    expect(medianOfFew(Float64Array.of(4, 1, 3, 2), 4)).toBe(2.5);
    expect(medianOfFew(Float64Array.of(4), 0)).toBe(0);
  });
});

describe("quantileOf", () => {
  it("lies between neighbours, looks at the first values only, and is 0 of nothing", () => {
    expect(quantileOf(Float64Array.of(30, 10, 20, 999), 3, 0.75)).toBe(25);
    expect(quantileOf(Float64Array.of(7), 1, 0.8)).toBe(7);
    expect(quantileOf(new Float64Array(), 0, 0.8)).toBe(0);
  });
});

describe("runningMedians", () => {
  it("looks at the seven nearest that are known", () => {
    const values = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 100, Number.NaN, 8);
    const medians = new Float64Array(values.length);
    runningMedians(values, medians);
    expect([...medians]).toEqual([4, 4, 4, 4, 5, 5.5, 6.5, 6.5, 6.5, 6.5]);
  });

  it("knows nothing where nothing is known", () => {
    const medians = new Float64Array(2);
    runningMedians(Float64Array.of(Number.NaN, Number.NaN), medians);
    expect([...medians]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe("scratchOf", () => {
  it("grows to what is asked for", () => {
    expect(scratchOf(10).length).toBeGreaterThanOrEqual(10);
    expect(scratchOf(5000).length).toBeGreaterThanOrEqual(5000);
  });
});
