import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { SharedCostRule } from "../../../shared/config/types.ts";
import {
  add,
  type Decimal,
  formatDecimal,
  fromInteger,
  fromScaled,
  parseDecimal,
  ZERO,
} from "../../../shared/core/decimal.ts";
import { splitShared } from "../../../shared/ingestion/allocation/split-shared.ts";
import { CUBE_DIMENSIONS } from "../../../shared/ledger/cube.ts";
import { openCube, openRows } from "../../../shared/ledger/open-costs.ts";
import { createCube } from "../../../shared/ledger/shared-costs.ts";
import type { SqlEngine, SqlRow } from "../../../shared/ports/sql-engine.ts";
import { createFolders } from "../../support/collect-deps.ts";
import type { BillLine } from "../../support/focus-bill.ts";
import { createLedgerFixture, QUERY } from "../../support/ledger-fixture.ts";
import { allocationOf } from "../../unit/ingestion/allocation/config.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const amount = fc.bigInt({ min: -(10n ** 22n), max: 10n ** 24n }).map((value) => formatDecimal(fromScaled(value)));
const line: fc.Arbitrary<BillLine> = fc.record({
  day: fc.constantFrom("2024-08-31", "2024-09-01", "2024-09-02", "2024-09-30"),
  period: fc.constantFrom("2024-09", "2024-10"),
  billed: amount,
  effective: amount,
  currency: fc.constantFrom("USD", "EUR", "JPY"),
  account: fc.constantFrom("111122223333", "/subscriptions/aaaa", "aaaa"),
  service: fc.constantFrom("Compute", "Support", "Tax"),
  provider: fc.constantFrom("AWS", "Microsoft", "Acme Cloud"),
  tags: fc.constantFrom<Record<string, string>[]>(
    {},
    { team: "ml" },
    { TEAM: "ml" },
    { Team: "Web", "cost-center": "7" },
    { tEaM: "", project: "x" },
    { Cost_Center: "7", environment: "prod" },
  ),
});

type Sums = Record<string, string>;

/** Sums of both costs and the count, per combination of a query's columns. */
async function sums(engine: SqlEngine, sql: string): Promise<Sums> {
  const rows = await engine.query(sql);
  return Object.fromEntries(
    rows.map(({ billed, effective, n, ...keys }) => [
      JSON.stringify(keys),
      [billed, effective, n].map(String).join(" "),
    ]),
  );
}

const ROW_SQL: Record<string, string> = {
  date: "ChargePeriodStart::DATE",
  service: "ServiceName",
  region: "RegionId",
  charge_category: "ChargeCategory",
  currency: "BillingCurrency",
  provider: "CASE HostProviderName WHEN 'AWS' THEN 'aws' WHEN 'Microsoft' THEN 'azure' ELSE 'acme-cloud' END",
  metered: "false",
};

describe("the cube", () => {
  it("adds up to the rows in every combination of dimensions, and reports agree", { timeout: 120_000 }, async () => {
    const dimensions = fc.subarray(
      CUBE_DIMENSIONS.filter((name) => name !== "currency"),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(line, { minLength: 1, maxLength: 12 }), dimensions, async (lines, by) => {
        const ledger = await createLedgerFixture(folders);
        await ledger.load(lines);
        await ledger.withCosts(async (deps) => {
          await openCube(deps, QUERY);
          await openRows(deps, QUERY);
          const keys = [...by, "currency"];
          const fromCube = keys.map((name) => `"${name}"::VARCHAR AS "${name}"`).join(", ");
          const fromRows = keys.map((name) => `(${ROW_SQL[name] ?? name})::VARCHAR AS "${name}"`).join(", ");
          expect(
            await sums(
              deps.engine,
              `SELECT ${fromCube}, sum(billed) AS billed, sum(effective) AS effective, sum(rows)::BIGINT AS n FROM cube GROUP BY ALL`,
            ),
          ).toEqual(
            await sums(
              deps.engine,
              `SELECT ${fromRows}, sum(BilledCost) AS billed, sum(EffectiveCost) AS effective, count(*) AS n FROM cost_rows GROUP BY ALL`,
            ),
          );
        });
        // `service_name` is a column of the rows alone: it forces the same question to be answered from them.
        const withService = [...new Set([...by.filter((name) => name !== "service"), "service"])];
        const cube = await ledger.report({ by: withService });
        const rows = await ledger.report({
          by: withService.map((name) => (name === "service" ? "service_name" : name)),
        });
        const plain = (report: typeof cube) =>
          report.rows
            .map(({ keys, ...rest }) =>
              JSON.stringify({
                ...rest,
                keys: withService.map(
                  (name) => keys[name === "service" && "service_name" in keys ? "service_name" : name],
                ),
              }),
            )
            .sort();
        expect(plain(cube)).toEqual(plain(rows));
        expect(cube.totals).toEqual(rows.totals);
      }),
      { numRuns: 12 },
    );
  });
});

interface RandomRow {
  service: string;
  team: string;
  project: string;
  period: string;
  currency: string;
  amounts: Decimal[];
  rows: number;
}

const small = fc.bigInt({ min: -(10n ** 21n), max: 10n ** 22n }).map(fromScaled);
const team = fc.constantFrom("ml", "web", "shop", "unallocated");
const randomRow: fc.Arbitrary<RandomRow> = fc.record({
  service: fc.constantFrom("Support", "Tax", "Compute"),
  team,
  project: team,
  period: fc.constantFrom("2024-09", "2024-10"),
  currency: fc.constantFrom("USD", "EUR"),
  amounts: fc.array(small, { minLength: 4, maxLength: 4 }),
  rows: fc.integer({ min: 1, max: 1000 }),
});
const sharedRule: fc.Arbitrary<SharedCostRule> = fc.record({
  name: fc.constant("rule"),
  match: fc.constantFrom<SharedCostRule["match"][]>(
    { service: ["Support"] },
    { service: ["Support", "Tax"], team: ["unallocated"] },
    { team: ["ml"] },
    { billing_period: ["2024-09"], metered: ["false"] },
    { date: ["2024-09-01"], service: ["Tax"] },
    {},
  ),
  over: fc.constantFrom("team", "project"),
  method: fc.constantFrom("even", "spend", "fixed"),
  weights: fc.dictionary(fc.constantFrom("ml", "web", "new"), fc.integer({ min: 0, max: 5 }).map(fromInteger), {
    maxKeys: 3,
  }),
  among: fc.uniqueArray(fc.constantFrom("ml", "web", "new"), { maxLength: 2 }),
});

const DIMENSIONS = [
  "date",
  "billing_period",
  "service",
  "currency",
  "team",
  "project",
  "environment",
  "cost_center",
  "metered",
];
const MEASURES = ["billed", "effective", "list", "contracted", "rows"];

function valuesSql(rows: readonly RandomRow[]): string {
  const values = rows.map(({ period, service, currency, team: owner, project, amounts, rows: count }) => {
    const costs = amounts.map((value) => `'${formatDecimal(value)}'::DECIMAL(38,18)`).join(", ");
    return `(DATE '2024-09-01', '${period}', '${service}', '${currency}', '${owner}', '${project}', 'unallocated', 'unallocated', false, ${costs}, ${count}::BIGINT)`;
  });
  return `(SELECT * FROM (VALUES ${values.join(", ")}) AS v(${[...DIMENSIONS, ...MEASURES].join(", ")}))`;
}

/** Sums per combination of dimensions, leaving out combinations that hold nothing. */
function grouped(
  rows: readonly { dims: Readonly<Record<string, string | null>>; measures: Readonly<Record<string, Decimal>> }[],
): Map<string, Decimal[]> {
  const found = new Map<string, Decimal[]>();
  for (const { dims, measures } of rows) {
    const key = DIMENSIONS.map((name) => dims[name]).join("|");
    const before = found.get(key) ?? MEASURES.map(() => ZERO);
    found.set(
      key,
      before.map((value, index) => add(value, measures[MEASURES[index] ?? ""] ?? ZERO)),
    );
  }
  return new Map(
    [...found].filter(([, values]) => values.some((value) => value !== ZERO)).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function ofRow(row: SqlRow): { dims: Record<string, string | null>; measures: Record<string, Decimal> } {
  return {
    dims: Object.fromEntries(DIMENSIONS.map((name) => [name, row[name] === null ? null : String(row[name])])),
    measures: Object.fromEntries(
      MEASURES.map((name) => [
        name,
        name === "rows" ? fromInteger(BigInt(String(row[name]))) : parseDecimal(String(row[name])),
      ]),
    ),
  };
}

describe("createCube", () => {
  it("spreads shared costs as the split over all rows does, and conserves every total", {
    timeout: 120_000,
  }, async () => {
    const engine = await (await createLedgerFixture(folders)).deps.createEngine();
    try {
      await fc.assert(
        fc.asyncProperty(
          fc.array(randomRow, { minLength: 1, maxLength: 25 }),
          fc.array(sharedRule, { minLength: 1, maxLength: 3 }),
          async (rows, rules) => {
            const from = valuesSql(rows);
            await createCube(engine, from, rules, DIMENSIONS);
            const made = (await engine.query("SELECT * FROM cube")).map(ofRow);
            const expected = splitShared((await engine.query(`SELECT * FROM ${from}`)).map(ofRow), rules);
            expect(grouped(made)).toEqual(grouped(expected));
          },
        ),
        { numRuns: 60 },
      );
    } finally {
      await engine.close();
    }
  });

  it("passes everything through without rules", async () => {
    const allocation = allocationOf({ shared: [] });
    const ledger = await createLedgerFixture(folders);
    await ledger.load([{ billed: "1" }]);
    const versions = await ledger.withCosts((deps) => openCube(deps, { ...QUERY, allocation }));
    expect(versions).toHaveLength(1);
  });
});
