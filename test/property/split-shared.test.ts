import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SharedCostRule } from "../../shared/config/types.ts";
import { add, type Decimal, fromScaled, ZERO } from "../../shared/core/decimal.ts";
import { type CubeRow, splitShared } from "../../shared/ingestion/allocation/split-shared.ts";

const MEASURES = ["billed", "effective", "list", "contracted", "rows"] as const;

const amount = fc.bigInt({ min: -(10n ** 25n), max: 10n ** 25n }).map(fromScaled);
const team = fc.constantFrom("ml", "shop", "web", "unallocated", null);
const value = fc.constantFrom("ml", "shop", "web", "new");
const row: fc.Arbitrary<CubeRow> = fc.record({
  dims: fc.record({
    billing_period: fc.constantFrom("2024-09", "2024-10"),
    currency: fc.constantFrom("USD", "EUR"),
    service: fc.constantFrom("Compute", "Support", "Tax"),
    team,
    project: team,
  }),
  measures: fc.record({ billed: amount, effective: amount, list: amount, contracted: amount, rows: amount }),
});
const rule: fc.Arbitrary<SharedCostRule> = fc.record({
  name: fc.constant("rule"),
  match: fc.constantFrom<SharedCostRule["match"]>(
    { service: ["Support"] },
    { service: ["Support", "Tax"], team: ["unallocated"] },
    { team: ["ml", "unallocated"] },
    {},
  ),
  over: fc.constantFrom("team", "project"),
  method: fc.constantFrom("even", "spend", "fixed"),
  weights: fc.dictionary(value, fc.bigInt({ min: 0n, max: 10n ** 20n }).map(fromScaled), { maxKeys: 4 }),
  among: fc.uniqueArray(value, { maxLength: 3 }),
});

/** Sums per billing period, currency, service and measure. */
function totals(rows: readonly CubeRow[]): Map<string, Decimal> {
  const sums = new Map<string, Decimal>();
  for (const { dims, measures } of rows) {
    for (const measure of MEASURES) {
      const key = [dims["billing_period"], dims["currency"], dims["service"], measure].join(" ");
      sums.set(key, add(sums.get(key) ?? ZERO, measures[measure] ?? ZERO));
    }
  }
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe("splitShared", () => {
  it("keeps every total to the last digit", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), fc.array(rule, { minLength: 1, maxLength: 3 }), (rows, rules) => {
        expect(totals(splitShared(rows, rules))).toEqual(totals(rows));
      }),
    );
  });

  it("never splits a count", () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), fc.array(rule, { minLength: 1, maxLength: 3 }), (rows, rules) => {
        const counts = new Set(rows.map(({ measures }) => measures["rows"]));
        const made = splitShared(rows, rules).map(({ measures }) => measures["rows"]);
        expect(made.every((count) => count === ZERO || counts.has(count))).toBe(true);
      }),
    );
  });
});
