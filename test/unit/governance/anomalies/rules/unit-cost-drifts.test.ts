import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { formatDecimal, fromInteger, parseDecimal } from "../../../../../shared/core/decimal.ts";
import { addDays } from "../../../../../shared/core/period.ts";
import { unitCostDrifts } from "../../../../../shared/governance/anomalies/rules/unit-cost-drifts.ts";
import type { SqlEngine } from "../../../../../shared/ports/sql-engine.ts";
import { testEngine } from "../../support.ts";

interface UnitRow {
  date: string;
  sku?: string;
  provider?: string;
  effective: string;
  list?: string;
  quantity?: string;
  unit?: string;
}

/** Ten units a day at `before`, from `from` on at `after` each, up to and with 2024-09-19. */
function price(
  after: string,
  options: { from?: string; sku?: string; list?: string; provider?: string } = {},
): UnitRow[] {
  const { from = "2024-09-17", list, ...rest } = options;
  return Array.from({ length: 40 }, (_, index) => addDays("2024-08-11", index)).map((date) => {
    const isAfter = date >= from;
    return { date, effective: isAfter ? after : "100", list: isAfter && list !== undefined ? list : "200", ...rest };
  });
}

describe("unitCostDrifts", () => {
  let engine: SqlEngine;
  beforeAll(async () => {
    engine = await testEngine();
  });
  afterAll(() => engine.close());

  async function seen(rows: readonly UnitRow[], options: { today?: string; caution?: number } = {}) {
    const values = rows.map(
      ({ date, sku = "s1", provider = "aws", effective, list = "200", quantity = "10", unit = "Hours" }) =>
        `(DATE '${date}', '${provider}', 'Compute', '${sku}', '${unit}', 'USD', ${effective}, ${list}, ${quantity}, 1)`,
    );
    await engine.run(`CREATE OR REPLACE TABLE unit_costs (date DATE, provider VARCHAR, service VARCHAR, sku VARCHAR, unit VARCHAR,
      currency VARCHAR, effective DECIMAL(38,18), list DECIMAL(38,18), quantity DECIMAL(38,18), rows BIGINT)`);
    await engine.run(`INSERT INTO unit_costs VALUES ${values.join(", ")}`);
    return unitCostDrifts(engine, {
      unitCostRelation: "unit_costs",
      config: { unitCost: { ratio: parseDecimal("1.2"), days: 3, floor: fromInteger(10) } },
      settledAfterDays: { default: 1 },
      today: options.today ?? "2024-09-20",
      cautionOf: () => options.caution ?? 1,
    });
  }

  it("says what a unit costs, what is usual, and whether list price or discount moved", async () => {
    const [found, ...others] = await seen(price("150"));
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      rule: "unit-cost",
      level: "warning",
      scope: { provider: ["aws"], service: ["Compute"] },
      period: { start: "2024-09-17", end: "2024-09-18" },
      raisedOn: "2024-09-19",
      title: "aws / Compute: a unit of s1 costs 1.50 × the usual since 2024-09-17, 150.00 USD more so far",
      evidence: {
        facts: {
          unitCost: "15 per Hours",
          usualUnitCost: "10 per Hours",
          cause: "the list price stayed: a discount or commitment covers less",
          direction: "up",
        },
      },
    });
    expect(found?.evidence.facts["history"]).toMatch(/,10,15,15,15$/);
    const [raised] = await seen(price("150", { list: "300" }));
    expect(raised?.evidence.facts["cause"]).toBe("the list price moved");
  });

  it("makes one observation of the prices of a service that moved on one day, the dearest first", async () => {
    const rows = [...price("130", { sku: "s1" }), ...price("200", { sku: "s2" }), ...price("100", { sku: "s3" })];
    const [found, ...others] = await seen(rows);
    expect(others).toEqual([]);
    expect(found?.title).toContain("a unit of s2 and 1 more costs 2.00 × the usual");
    expect(found?.evidence.contributors.map(({ keys, amount }) => [keys["sku"], formatDecimal(amount)])).toEqual([
      ["s2", "300"],
      ["s1", "90"],
    ]);
  });

  it("tells of a lower unit cost quietly, apart from higher ones", async () => {
    const found = await seen([...price("50", { sku: "s1" }), ...price("200", { sku: "s2" })]);
    expect(found.map(({ level, title }) => [level, title.slice(-19)])).toEqual([
      ["info", "150.00 USD less so far".slice(-19)],
      ["warning", "300.00 USD more so far".slice(-19)],
    ]);
    expect(found[0]?.evidence.facts["cause"]).toContain("covers more");
  });

  it("needs the floor, more of it after alerts were called wrong", async () => {
    expect(await seen(price("121"))).toHaveLength(1);
    const cheap = price("150").map((row) => ({
      ...row,
      effective: String(Number(row.effective) / 20),
      quantity: "0.5",
    }));
    expect(await seen(cheap)).toEqual([]);
    expect(await seen(price("121"), { caution: 10 })).toEqual([]);
  });

  it("does not say that a list price moved where there is none", async () => {
    for (const list of ["0", "NULL"]) {
      const [found] = await seen(price("150").map((row) => ({ ...row, list, unit: "" })));
      expect(found?.evidence.facts).toMatchObject({
        cause: "there is no list price to compare with",
        unitCost: "15",
      });
    }
  });

  it("goes on while the newest day is delivered in part only", async () => {
    const begun = { date: "2024-09-20", effective: "10", quantity: "1" };
    expect((await seen([...price("150"), begun])).map(({ period }) => period.start)).toEqual(["2024-09-17"]);
    // Settled, it is all there was: another volume, which says nothing about the price.
    expect(await seen([...price("150"), begun], { today: "2024-09-22" })).toEqual([]);
  });

  it("says nothing about prices that are no longer used, or that drifted before the watched days", async () => {
    const gone = price("150", { sku: "s1", from: "2024-09-10" }).filter(({ date }) => date < "2024-09-15");
    expect(await seen([...gone, ...price("100", { sku: "s2" })])).toEqual([]);
    expect(await seen(price("150", { from: "2024-09-05" }))).toEqual([]);
  });

  it("is silent without a relation", async () => {
    const config = { unitCost: { ratio: parseDecimal("1.2"), days: 3, floor: fromInteger(10) } };
    expect(
      await unitCostDrifts(engine, { config, settledAfterDays: {}, today: "2024-09-20", cautionOf: () => 1 }),
    ).toEqual([]);
  });
});
