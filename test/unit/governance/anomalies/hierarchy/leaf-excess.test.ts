import { describe, expect, it } from "vitest";
import { leafCosts, leafExcess } from "../../../../../shared/governance/anomalies/hierarchy/leaf-excess.ts";
import { reconcile } from "../../../../../shared/governance/anomalies/hierarchy/reconcile.ts";

const DAYS = 42;

function context(
  costs: readonly ((day: number) => number)[],
  completeness: { share: number; spread: number }[][] = [],
) {
  const leaves = costs.map((cost) => ({
    provider: "aws",
    currency: "USD",
    values: [],
    costs: Float64Array.from({ length: DAYS }, (_none, day) => cost(day)),
  }));
  return { table: { by: [], start: "2026-01-01", days: DAYS, leaves }, completeness };
}

describe("leafCosts", () => {
  it("expects the median of the same weekdays of the four weeks before", () => {
    const weekly = (day: number) => (day === 27 ? 5000 : 100 + (day % 7));
    const { actual, expected } = leafCosts(context([weekly]), [0], { from: 40, to: 41 });
    expect([[...actual], [...expected]]).toEqual([[211], [211]]);
  });

  it("expects of an incomplete day what is visible, and of an unknown one nothing", () => {
    const gap = (day: number) => (day === 40 ? Number.NaN : 100);
    const { actual, expected } = leafCosts(context([gap], [[{ share: 0.8, spread: 0.1 }]]), [0], { from: 39, to: 41 });
    expect([[...actual], [...expected]]).toEqual([[200], [180]]);
  });

  it("follows a short history by its last fortnight, and expects nothing of what is new", () => {
    const short = (day: number) => (day < 36 ? Number.NaN : 50);
    const fresh = (day: number) => (day < 41 ? 0 : 70);
    const { expected } = leafCosts(context([short, fresh, () => Number.NaN]), [0, 1, 2], { from: 41, to: 41 });
    expect([...expected]).toEqual([50, 0, 0]);
  });
});

describe("leafExcess", () => {
  it("adds up to the excess of the alert, the unsteady leaf giving way most", () => {
    const steady = (day: number) => (day === 41 ? 160 : 100);
    const unsteady = (day: number) => (day === 41 ? 150 : 100 + 30 * (Math.floor(day / 7) % 2));
    const parts = leafExcess(
      context([steady, unsteady]),
      { leaves: [0, 1] },
      { from: 41, to: 41 },
      { direction: "up", impact: 80 },
    );
    const [one = 0, other = 0] = parts.actual.map((cost, leaf) => cost - (parts.expected[leaf] ?? 0));
    expect(one + other).toBeCloseTo(80);
    expect(one).toBeGreaterThan(58);
    expect(one).toBeLessThan(62);
  });

  it("takes a drop with its sign", () => {
    const parts = leafExcess(
      context([(day) => (day === 41 ? 40 : 100)]),
      { leaves: [0] },
      { from: 41, to: 41 },
      { direction: "down", impact: 55 },
    );
    expect([...parts.expected]).toEqual([95]);
  });
});

describe("reconcile", () => {
  it("moves each estimate by its variance", () => {
    const leaf = (key: string, value: number, variance: number) => ({
      key,
      estimate: { value, variance },
      children: [],
    });
    const values = reconcile({
      key: "all",
      estimate: { value: 130, variance: 0 },
      children: [leaf("sure", 60, 1), { key: "half", children: [leaf("x", 20, 1), leaf("y", 20, 8)] }],
    });
    expect(Object.fromEntries(values)).toEqual({ sure: 63, x: 23, y: 44, half: 67, all: 130 });
  });

  it("shares a difference alike where everybody is sure", () => {
    const values = reconcile({
      key: "all",
      estimate: { value: 10, variance: 0 },
      children: [
        { key: "a", estimate: { value: 1, variance: 0 }, children: [] },
        { key: "b", children: [] },
      ],
    });
    expect(Object.fromEntries(values)).toEqual({ a: 1, b: 0, all: 1 });
  });
});
