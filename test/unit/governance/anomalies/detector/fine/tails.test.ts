import { describe, expect, it } from "vitest";
import {
  closeBlock,
  copyTails,
  createTails,
  exceedances,
  noteValue,
  type Tails,
  valueExceeded,
} from "../../../../../../shared/governance/anomalies/detector/fine/tails.ts";
import { noise } from "./support.ts";

/** As many blocks, each with a largest value between 2 and 3. */
function taught(blocks: number): Tails {
  const tails = createTails(2);
  const draw = noise(5);
  for (let i = 0; i < blocks; i++) {
    noteValue(tails, 0, 2.5 + draw() / 2);
    noteValue(tails, 0, 1);
    closeBlock(tails);
  }
  return tails;
}

describe("tails", () => {
  it("expect larger values less often, and common ones always", () => {
    const tails = taught(200);
    const expected = [2, 4, 8, 16, 32].map((value) => exceedances(tails, 0, value));
    expect(expected[0]).toBe(Number.POSITIVE_INFINITY);
    expect(expected.slice(1)).toEqual(expected.slice(1).toSorted((a, b) => b - a));
    expect(expected[4]).toBeLessThan(0.01);
  });

  it("are timid while little is known", () => {
    expect(exceedances(createTails(1), 0, 1e6)).toBe(Number.POSITIVE_INFINITY);
    expect(exceedances(taught(8), 0, 8)).toBeGreaterThan(exceedances(taught(80), 0, 8));
    expect(exceedances(taught(80), 0, 8)).toBeGreaterThan(exceedances(taught(800), 0, 8));
  });

  it("take what happened twice for something that happens", () => {
    const tails = taught(100);
    const first = exceedances(tails, 0, 50);
    for (const value of [60, 2, 2, 2, 55]) {
      noteValue(tails, 0, value);
      closeBlock(tails);
    }
    expect(first).toBeLessThan(0.1);
    expect(exceedances(tails, 0, 50)).toBeGreaterThan(4);
  });

  it("know the value that is exceeded so often", () => {
    const tails = taught(100);
    for (const expected of [0.1, 1, 10])
      expect(exceedances(tails, 0, valueExceeded(tails, 0, expected))).toBeCloseTo(expected, 6);
  });

  it("count a block only where something was noted, and copy apart", () => {
    const tails = taught(50);
    expect(exceedances(tails, 1, 1e6)).toBe(Number.POSITIVE_INFINITY);
    const copy = copyTails(tails);
    const before = exceedances(tails, 0, 9);
    noteValue(copy, 0, 1000);
    closeBlock(copy);
    expect(exceedances(tails, 0, 9)).toBe(before);
    expect(exceedances(copy, 0, 9)).toBeGreaterThan(before);
  });
});
