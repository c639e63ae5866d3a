import { describe, expect, it } from "vitest";
import { explainLeaves } from "../../../../../shared/governance/anomalies/attribution/explain-leaves.ts";
import { createLeaves, type LeafRow } from "../../../../../shared/governance/anomalies/attribution/leaves.ts";
import type { Explanation } from "../../../../../shared/governance/anomalies/attribution/types.ts";

const DIMENSIONS = ["account", "service", "region"];

/** Every combination of four accounts, four services and three regions costs 10 to 14; `move` says by what factor it came. */
function cube(move: (account: number, service: number, region: number) => number): LeafRow[] {
  const indexes = (count: number) => Array.from({ length: count }, (_, index) => index);
  return indexes(4).flatMap((account) =>
    indexes(4).flatMap((service) =>
      indexes(3).map((region) => {
        const expected = 10 + ((account * 5 + service * 3 + region) % 5);
        const values = [`a${account}`, `s${service}`, `r${region}`];
        return { values, expected, actual: expected * move(account, service, region) };
      }),
    ),
  );
}

function explain(rows: readonly LeafRow[]): Explanation {
  return explainLeaves(createLeaves(DIMENSIONS, rows));
}

const keysOf = ({ causes }: Explanation) => causes.map(({ keys }) => keys);

describe("explainLeaves", () => {
  it("names an element, and not its parts", () => {
    const explanation = explain(cube((account) => (account === 2 ? 2 : 1)));
    expect(keysOf(explanation)).toEqual([{ account: "a2" }]);
    expect(explanation).toMatchObject({ needed: 1, even: false });
    expect(explanation.causes[0]?.share).toBeCloseTo(1, 12);
  });

  it("names a pair, and neither of its elements", () => {
    const explanation = explain(cube((account, service) => (account === 2 && service === 1 ? 3 : 1)));
    expect(keysOf(explanation)).toEqual([{ account: "a2", service: "s1" }]);
  });

  it("names two pairs rather than the element that holds both", () => {
    const move = (account: number, service: number) => (account !== 1 ? 1 : service === 0 ? 3 : service === 2 ? 2 : 1);
    expect(keysOf(explain(cube(move)))).toEqual([
      { account: "a1", service: "s0" },
      { account: "a1", service: "s2" },
    ]);
  });

  it("puts what moved more money first, whatever is more surprising", () => {
    const explanation = explain(
      cube((account, service, region) => (account === 0 ? 1.3 : service === 3 && region === 0 ? 2 : 1)),
    );
    expect(keysOf(explanation)).toEqual([{ account: "a0" }, { service: "s3", region: "r0" }]);
    expect(explanation.causes[1]?.leaves).toHaveLength(3);
  });

  it("keeps what moved the other way apart", () => {
    const explanation = explain(cube((account) => (account === 0 ? 2 : account === 3 ? 0.7 : 1)));
    expect(keysOf(explanation)).toEqual([{ account: "a0" }]);
    expect(explanation.causes[0]?.share).toBeGreaterThan(1);
    expect(explanation.needed).toBe(1);
  });

  it("finds what is new, where nothing was expected", () => {
    const rows = cube(() => 1).map((row) => (row.values[2] === "r2" ? { ...row, expected: 0 } : row));
    const explanation = explain(rows);
    expect(keysOf(explanation)).toEqual([{ region: "r2" }]);
    expect(explanation.causes[0]?.expected).toBe(0);
  });

  it("finds what is gone", () => {
    const explanation = explain(cube((_account, service) => (service === 1 ? 0 : 1)));
    expect(keysOf(explanation)).toEqual([{ service: "s1" }]);
    expect(explanation.excess).toBeLessThan(0);
    expect(explanation.causes[0]?.share).toBeCloseTo(1, 12);
  });

  it("says that everything moved alike, and where most of the money is", () => {
    const explanation = explain(cube(() => 1.5));
    expect(explanation.even).toBe(true);
    expect(keysOf(explanation).map((keys) => Object.keys(keys))).toEqual([["region"], ["region"]]);
    expect(explanation.needed).toBe(2);
  });

  it("names the first dimension where there is only one leaf", () => {
    const explanation = explain([{ values: ["a", "s", "r"], expected: 1, actual: 5 }]);
    expect(keysOf(explanation)).toEqual([{ account: "a" }]);
    expect(explanation.even).toBe(false);
  });

  it("names the first dimension of several that are the same leaves", () => {
    const rows = cube((account) => (account === 2 ? 2 : 1)).map((row) => ({
      ...row,
      values: [...row.values, `team of ${row.values[0]}`],
    }));
    const named = explainLeaves(createLeaves([...DIMENSIONS, "team"], rows));
    expect(keysOf(named)).toEqual([{ account: "a2" }]);
  });

  it("has nothing to say where nothing moved, or nothing is", () => {
    const nothing = { excess: 0, causes: [], needed: 0, even: false };
    expect(explain(cube(() => 1))).toEqual(nothing);
    expect(explain([])).toEqual(nothing);
    expect(explainLeaves(createLeaves([], [{ values: [], expected: 1, actual: 2 }])).causes).toEqual([]);
  });

  it("finds a pair among thousands of elements", () => {
    const rows = Array.from({ length: 3000 }, (_, index) => {
      const isCause = index % 40 === 7 && index < 1500;
      const values = [`a${index % 1000}`, isCause ? "s7" : `s${index % 700}`, isCause ? "r1" : `r${index % 3}`];
      return { values, expected: 1 + (index % 7), actual: (1 + (index % 7)) * (isCause ? 9 : 1) };
    });
    const [first] = explain(rows).causes;
    expect(first?.keys).toEqual({ service: "s7", region: "r1" });
  });
});
