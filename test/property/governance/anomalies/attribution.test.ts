import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cuboidsOf } from "../../../../shared/governance/anomalies/attribution/cuboids.ts";
import { explainLeaves } from "../../../../shared/governance/anomalies/attribution/explain-leaves.ts";
import { createLeaves, type LeafRow } from "../../../../shared/governance/anomalies/attribution/leaves.ts";
import type { Cause, Explanation } from "../../../../shared/governance/anomalies/attribution/types.ts";
import { ENOUGH } from "../../../../shared/governance/anomalies/attribution/widest.ts";

const DIMENSIONS = ["account", "service", "region"];
const RUNS = { numRuns: 150 };

const explain = (rows: readonly LeafRow[]): Explanation => explainLeaves(createLeaves(DIMENSIONS, rows));
const keysOf = ({ causes }: Explanation): Cause["keys"][] => causes.map(({ keys }) => keys);

const values = fc.tuple(
  fc.integer({ min: 0, max: 4 }).map((n) => `a${n}`),
  fc.integer({ min: 0, max: 3 }).map((n) => `s${n}`),
  fc.integer({ min: 0, max: 2 }).map((n) => `r${n}`),
);
const amount = fc.oneof(
  { weight: 6, arbitrary: fc.double({ min: 0.01, max: 1e6, noNaN: true }) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.double({ min: -100, max: 0, noNaN: true }) },
);
/** Any costs at all, every combination of values once. */
const anyRows = fc.uniqueArray(fc.record({ values, expected: amount, actual: amount }), {
  minLength: 1,
  maxLength: 40,
  selector: (row) => row.values.join(),
});

/** A cube of which every combination occurs, with sizes over four orders of magnitude. */
const fullCube = fc.array(fc.double({ min: 1, max: 1e4, noNaN: true }), { minLength: 60, maxLength: 60 }).map((sizes) =>
  sizes.map((expected, index): LeafRow => {
    const own = [`a${index % 5}`, `s${Math.floor(index / 5) % 4}`, `r${Math.floor(index / 20)}`];
    return { values: own, expected, actual: expected };
  }),
);
const cause = fc.oneof(
  fc.record({ account: fc.constantFrom("a0", "a3") }),
  fc.record({ region: fc.constantFrom("r0", "r2") }),
  fc.record({ account: fc.constantFrom("a1", "a4"), service: fc.constantFrom("s0", "s3") }),
  fc.record({ service: fc.constantFrom("s1", "s2"), region: fc.constantFrom("r0", "r1") }),
);
const factor = fc.oneof(fc.double({ min: 1.2, max: 5, noNaN: true }), fc.double({ min: 0, max: 0.8, noNaN: true }));

function isIn(keys: Readonly<Record<string, string | undefined>>, row: LeafRow): boolean {
  return DIMENSIONS.every((name, d) => keys[name] === undefined || keys[name] === row.values[d]);
}

describe("attribution", () => {
  it("names a lone cause first and alone, up or down", () => {
    fc.assert(
      fc.property(fullCube, cause, factor, (rows, keys, by) => {
        const moved = rows.map((row) => (isIn(keys, row) ? { ...row, actual: row.expected * by } : row));
        const explanation = explain(moved);
        expect(keysOf(explanation)).toEqual([keys]);
        expect(explanation.needed).toBe(1);
        expect(explanation.causes[0]?.share).toBeCloseTo(1, 9);
      }),
      RUNS,
    );
  });

  it("gives every leaf to one cause at most, and only leaves that the cause names", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const { causes } = explain(rows);
        const leaves = causes.flatMap((one) => one.leaves);
        expect(new Set(leaves).size).toBe(leaves.length);
        for (const { keys, leaves: own } of causes)
          expect(own.every((leaf) => isIn(keys, rows[leaf] ?? { values: [], expected: 0, actual: 0 }))).toBe(true);
      }),
      RUNS,
    );
  });

  it("has shares that are amounts ÷ the whole excess, so that those of a partition add up to 1", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const { causes, excess } = explain(rows);
        const rest = new Set(rows.keys());
        for (const one of causes) for (const leaf of one.leaves) rest.delete(leaf);
        const others = [...rest].reduce(
          (sum, leaf) => sum + (rows[leaf]?.actual ?? 0) - (rows[leaf]?.expected ?? 0),
          0,
        );
        const named = causes.reduce((sum, { share }) => sum + share * excess, 0);
        const scale = rows.reduce((sum, { actual, expected }) => sum + Math.abs(actual) + Math.abs(expected), 1);
        expect(Math.abs(named + others - excess) / scale).toBeLessThan(1e-9);
      }),
      RUNS,
    );
  });

  it("needs no more causes than it takes, in order of their money", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const { causes, needed } = explain(rows);
        const shares = causes.map(({ share }) => share);
        expect(shares).toEqual([...shares].sort((a, b) => b - a));
        expect(shares.every((share) => share > 0)).toBe(true);
        const before = shares.slice(0, Math.max(0, needed - 1)).reduce((sum, share) => sum + share, 0);
        expect(needed === 0 || before < ENOUGH).toBe(true);
        expect(causes.every(({ keys }) => Object.keys(keys).length <= 2)).toBe(true);
      }),
      RUNS,
    );
  });

  it("does not depend on the order of the leaves, on names, or on the unit of the money", () => {
    fc.assert(
      fc.property(fullCube, cause, factor, fc.integer({ min: 1, max: 59 }), (rows, keys, by, turn) => {
        const noisy = rows.map((row, index) => {
          const blur = 1 + 0.05 * Math.sin(index * 12.9898);
          return { ...row, actual: row.expected * blur * (isIn(keys, row) ? by : 1) };
        });
        const plain = keysOf(explain(noisy));
        expect(keysOf(explain([...noisy.slice(turn), ...noisy.slice(0, turn)]))).toEqual(plain);
        const scaled = noisy.map((row) => ({ ...row, expected: row.expected * 1024, actual: row.actual * 1024 }));
        expect(keysOf(explain(scaled))).toEqual(plain);
        const renamed = noisy.map((row) => ({
          ...row,
          values: row.values.map((value) => `${9 - Number(value.slice(1))}`),
        }));
        expect(keysOf(explain(renamed))).toEqual(
          plain.map((one) =>
            Object.fromEntries(Object.entries(one).map(([d, value]) => [d, `${9 - Number(value.slice(1))}`])),
          ),
        );
      }),
      RUNS,
    );
  });

  it("divides all leaves in every cuboid", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        for (const { groupOf, sizes } of cuboidsOf(createLeaves(DIMENSIONS, rows))) {
          expect(groupOf.every((group) => group >= 0 && group < sizes.length)).toBe(true);
          expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(rows.length);
        }
      }),
      RUNS,
    );
  });
});
