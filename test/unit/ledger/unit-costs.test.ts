import { writeFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { SourceConfig } from "../../../shared/config/types.ts";
import { GenOpsError } from "../../../shared/core/errors.ts";
import { collectSources } from "../../../shared/ledger/collect/collect-source.ts";
import { openRows, readVersions } from "../../../shared/ledger/open-costs.ts";
import { ensureUnitCosts, openUnitCosts } from "../../../shared/ledger/unit-costs.ts";
import { createFolders } from "../../support/collect-deps.ts";
import { focusCsv } from "../../support/focus-bill.ts";
import { createLedgerFixture, type LedgerFixture, QUERY } from "../../support/ledger-fixture.ts";

const folders = createFolders();
afterAll(() => folders.clean());

const PERIODS = { billingPeriods: ["2024-09"] };

interface Line {
  effective: string;
  day?: string;
  sku?: string;
  quantity?: string;
  unit?: string;
}

/** A ledger with a FOCUS bill of these lines, which have the columns of a price beside the others. */
async function ledgerWith(lines: readonly Line[]): Promise<LedgerFixture> {
  const ledger = await createLedgerFixture(folders);
  const [header, ...rows] = focusCsv(lines.map((line) => ({ ...line, billed: line.effective })))
    .trimEnd()
    .split("\n");
  const priced = rows.map((row, index) => {
    const { sku = "", quantity = "", unit = "" } = lines[index] ?? {};
    return `${row},${sku},${sku},${quantity},${unit}`;
  });
  const text = [`${header},SkuId,SkuPriceId,ConsumedQuantity,ConsumedUnit`, ...priced].join("\n");
  await writeFile(path.join(ledger.folder, "any.csv"), `${text}\n`);
  const source: SourceConfig = { id: "any", type: "focus-export", location: "any.csv", allowShrink: true };
  const runs = await collectSources(ledger.deps, {
    sources: [source],
    periods: [],
    force: false,
    baseDir: ledger.folder,
  });
  expect(runs.map(({ status }) => status)).toEqual(["replaced"]);
  return ledger;
}

function unitCosts(ledger: LedgerFixture, sql = "SELECT * FROM unit_costs ORDER BY date, sku, unit") {
  return ledger.withCosts(async (deps) => {
    const missing = await openUnitCosts(deps, PERIODS);
    return { missing, rows: await deps.engine.query(sql) };
  });
}

describe("openUnitCosts", () => {
  it("adds up cost and quantity by day, price and unit", async () => {
    const ledger = await ledgerWith([
      { effective: "0.3", sku: "A", quantity: "2", unit: "Hours" },
      { effective: "0.4", sku: "A", quantity: "3", unit: "Hours" },
      { effective: "5", sku: "A", quantity: "7", unit: "GB" },
      { effective: "9", sku: "B", quantity: "1", unit: "Hours", day: "2024-09-02" },
    ]);
    const { missing, rows } = await unitCosts(ledger);
    expect(missing).toEqual([]);
    expect(
      rows.map((row) => ["date", "sku", "unit", "effective", "quantity", "rows"].map((name) => String(row[name]))),
    ).toEqual([
      ["2024-09-01", "A", "GB", "5.000000000000000000", "7.000000000000000000", "1"],
      ["2024-09-01", "A", "Hours", "0.700000000000000000", "5.000000000000000000", "2"],
      ["2024-09-02", "B", "Hours", "9.000000000000000000", "1.000000000000000000", "1"],
    ]);
    expect(rows[0]).toMatchObject({ provider: "aws", currency: "USD" });
  });

  it("leaves out rows without a price, and takes the priced quantity where none is consumed", async () => {
    const ledger = await ledgerWith([
      { effective: "1", quantity: "1", unit: "Hours" },
      { effective: "2", sku: "A" },
    ]);
    const { rows } = await unitCosts(ledger, "SELECT sku, quantity FROM unit_costs");
    expect(rows.map((row) => [row["sku"], String(row["quantity"])])).toEqual([["A", "1.000000000000000000"]]);
  });

  it("is built once per version, under the cube, where the garbage collector finds it", async () => {
    const ledger = await ledgerWith([{ effective: "1", sku: "A", quantity: "1", unit: "Hours" }]);
    const keys = async () => (await Array.fromAsync(ledger.deps.lake.list("cube/units-"))).map(({ key }) => key);
    await unitCosts(ledger);
    const built = await keys();
    expect(built).toHaveLength(1);
    expect(built[0]).toMatch(/^cube\/units-\d+\/source=any\/billing_period=2024-09\/version=[\w-]+\.parquet$/);
    await unitCosts(ledger);
    expect(await keys()).toEqual(built);
  });

  it("agrees with the rows that it was made of", async () => {
    const lines = Array.from({ length: 60 }, (_, index) => ({
      effective: `0.${index + 1}`,
      sku: `S${index % 7}`,
      quantity: String(1 + (index % 5)),
      unit: "Hours",
      day: `2024-09-${String(1 + (index % 20)).padStart(2, "0")}`,
    }));
    const ledger = await ledgerWith(lines);
    const sums = await ledger.withCosts(async (deps) => {
      await openUnitCosts(deps, PERIODS);
      await openRows(deps, QUERY);
      const one = "SELECT sum(effective) AS cost, sum(quantity) AS quantity FROM unit_costs";
      const other = "SELECT sum(EffectiveCost) AS cost, sum(ConsumedQuantity) AS quantity FROM cost_rows";
      return deps.engine.query(`${one} UNION ALL ${other}`);
    });
    expect(String(sums[0]?.["cost"])).toBe(String(sums[1]?.["cost"]));
    expect(String(sums[0]?.["quantity"])).toBe(String(sums[1]?.["quantity"]));
  });

  it("is empty without bills", async () => {
    const ledger = await createLedgerFixture(folders);
    expect(await unitCosts(ledger)).toEqual({ missing: [], rows: [] });
  });
});

describe("ensureUnitCosts", () => {
  it("does without rows that stay elsewhere, and names their source", async () => {
    const ledger = await ledgerWith([{ effective: "1", sku: "A", quantity: "1", unit: "Hours" }]);
    const { lake } = ledger.deps;
    const elsewhere = (code: "refused" | "internal") => ({
      ...lake,
      getFile: (key: string) =>
        key.startsWith("rows/") ? Promise.reject(new GenOpsError(code, "they stay there")) : lake.getFile(key),
    });
    const missing = await ledger.withCosts((deps) => openUnitCosts({ ...deps, lake: elsewhere("refused") }, PERIODS));
    expect(missing).toEqual(["any"]);
    await expect(
      ledger.withCosts((deps) => openUnitCosts({ ...deps, lake: elsewhere("internal") }, PERIODS)),
    ).rejects.toThrow("they stay there");
  });

  it("does without daily groups, which have no quantities", async () => {
    const ledger = await ledgerWith([{ effective: "1", sku: "A", quantity: "1", unit: "Hours" }]);
    const [version] = await readVersions(ledger.deps.lake, PERIODS);
    expect(version).toBeDefined();
    if (version === undefined) return;
    const inPlace = { at: "BigQuery table p.d.t", columns: ["ServiceName"] };
    const file = await ledger.withCosts((deps) => ensureUnitCosts(deps, { ...version, inPlace }));
    expect(file).toBeUndefined();
  });
});
