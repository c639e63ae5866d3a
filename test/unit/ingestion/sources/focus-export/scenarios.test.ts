import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { focusExportSource } from "../../../../../shared/ingestion/sources/focus-export/index.ts";
import { openFocusBill } from "../../../../../shared/ingestion/sources/focus-export/read-focus.ts";
import { FIXTURES, mapFiles, withBill } from "../support.ts";

interface Sums {
  rows: number;
  BilledCost: string;
  EffectiveCost: string;
}
interface Scenario {
  rows: number;
  by_charge_category: Record<string, Sums>;
  by_status: Record<string, Sums>;
}

const CONFIG = { id: "any", type: "focus-export", location: "." } as const;
/** The specification's excerpts lack mandatory columns: only their mapping is looked at. */
const partialSource: typeof focusExportSource = {
  ...focusExportSource,
  open: (context) => openFocusBill(context, { partial: true }),
};

const { scenarios } = JSON.parse(await readFile(path.join(FIXTURES, "expected.json"), "utf8")) as {
  scenarios: Record<string, Scenario>;
};

describe("the specification's commitment discount scenarios", () => {
  it.each(Object.entries(scenarios))("maps %s to the sums of expected.json", async (name, expected) => {
    const file = { path: path.join(FIXTURES, name) };
    const [categories, statuses] = await withBill(partialSource, CONFIG, [file], async (bill, engine) =>
      Promise.all(
        ["ChargeCategory", "CommitmentDiscountStatus"].map(async (key) => {
          const rows = await engine.query(`SELECT coalesce(${key}, 'null') AS k, count(*)::INTEGER AS n,
            rtrim(rtrim(sum(BilledCost)::VARCHAR, '0'), '.') AS b, rtrim(rtrim(sum(EffectiveCost)::VARCHAR, '0'), '.') AS e
            FROM (${bill.mapping}) GROUP BY ALL`);
          return Object.fromEntries(
            rows.map((row) => [row["k"], { rows: row["n"], BilledCost: row["b"], EffectiveCost: row["e"] }]),
          );
        }),
      ),
    );
    expect(categories).toEqual(expected.by_charge_category);
    expect(statuses).toEqual(expected.by_status);
  });

  it("covers every file of the folder", async () => {
    const files = (await readdir(path.join(FIXTURES, "scenarios"))).filter((name) => name.endsWith(".csv"));
    expect(files.map((name) => `scenarios/${name}`).sort()).toEqual(Object.keys(scenarios).sort());
  });

  it("refuses them as bills, naming what they lack", async () => {
    const name = "scenarios/commitment_discount_purchase_scenario_1.csv";
    await expect(mapFiles(focusExportSource, CONFIG, [{ path: path.join(FIXTURES, name) }])).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("BillingAccountId"),
    });
  });

  it("reads the misspelt header SkuPriceid and the word null", async () => {
    const name = "scenarios/one_hundred_percent_utilization_without_commitment_discount_flexibility.csv";
    const { rows } = await mapFiles(partialSource, CONFIG, [{ path: path.join(FIXTURES, name) }]);
    expect(rows.find((row) => row["ChargeCategory"] === "Purchase")).toMatchObject({
      SkuPriceId: "VM_LARGE_COMMITTED_PURCHASE_NO_UPFRONT",
      ConsumedQuantity: null,
      CommitmentDiscountStatus: null,
      x_CommitmentDiscountUnitPrice: "1.50",
    });
  });
});
