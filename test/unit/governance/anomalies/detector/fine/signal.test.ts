import { describe, expect, it } from "vitest";
import {
  createSignal,
  findAnchor,
  meanOf,
  restore,
  roughnessOf,
  rowsForAnchor,
  setRow,
  transform,
  valueAt,
} from "../../../../../../shared/governance/anomalies/detector/fine/signal.ts";

describe("signal", () => {
  it("anchors at the typical size of what is not 0", () => {
    expect(findAnchor(Float64Array.of(0, 0, Number.NaN, -4, 5, 6))).toBe(5);
    expect(findAnchor(new Float64Array(5))).toBe(1);
  });

  it("looks for the anchor in ever more rows, up to two weeks of them", () => {
    expect([3, 16, 31, 32, 1e6].map((rows) => rowsForAnchor(rows, 24))).toEqual([3, 16, 16, 32, 256]);
  });

  it("restores what it transformed", () => {
    for (const cost of [-1e9, -3, 0, 0.5, 7e5]) expect(restore(3, transform(3, cost))).toBeCloseTo(cost, 4);
  });

  it("gives means and roughness over windows, also after it wrapped around", () => {
    const signal = createSignal(1, 10);
    for (let row = 0; row < 50; row++) setRow(signal, row, row % 2 === 0 ? row : Number.NaN);
    expect(valueAt(signal, 49)).toBe(48);
    expect(meanOf(signal, 46, 50)).toBe(47);
    expect(roughnessOf(signal, 46, 50)).toBe(2);
  });

  it("compares with nothing before its first row, or with what is mostly unknown", () => {
    const signal = createSignal(1, 10);
    signal.first = 2;
    for (let row = 0; row < 8; row++) setRow(signal, row, row === 7 ? 1 : Number.NaN);
    expect(meanOf(signal, 1, 5)).toBeNaN();
    expect(roughnessOf(signal, 1, 5)).toBeNaN();
    expect(roughnessOf(signal, 4, 8)).toBeNaN();
  });
});
