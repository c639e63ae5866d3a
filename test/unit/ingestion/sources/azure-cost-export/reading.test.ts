import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { azureCostExportSource } from "../../../../../shared/ingestion/sources/azure-cost-export/index.ts";
import { createDuckDbEngine } from "../../../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { sqlText } from "../../../../../shared/ports/sql-engine.ts";
import { plain } from "../golden.ts";
import { mapFiles, type TestFile } from "../support.ts";
import { type Cells, CONFIG, csvOf, EA_USAGE, MCA_USAGE, mapAzure, withAzure } from "./azure-bill.ts";

const file = (content: string): TestFile[] => [{ role: "actual", name: "bill.csv", content }];
const renamed = (cells: Cells, names: Readonly<Record<string, string>>): Cells =>
  Object.fromEntries(Object.entries(cells).map(([name, value]) => [names[name] ?? name, value]));

describe("azure-cost-export headers", () => {
  it("are read localised, with a BOM and semicolons", async () => {
    const german = renamed(EA_USAGE, {
      Cost: "Kosten (Cost)",
      Date: "Verbrauchsdatum (Date)",
      BillingCurrency: "Währung (BillingCurrencyCode)",
    });
    const { rows } = await mapFiles(azureCostExportSource, CONFIG, file(`\uFEFF${csvOf([german], ";")}`));

    expect([plain(String(rows[0]?.["BilledCost"])), rows[0]?.["BillingCurrency"]]).toEqual(["2", "USD"]);
  });

  it("are read in any case", async () => {
    const upper = renamed(
      EA_USAGE,
      Object.fromEntries(Object.keys(EA_USAGE).map((name) => [name, name.toUpperCase()])),
    );
    const { rows } = await mapFiles(azureCostExportSource, CONFIG, file(csvOf([upper])));

    expect(rows[0]?.["SubAccountId"]).toBe(EA_USAGE["SubscriptionId"]);
  });

  it("of pay-as-you-go files are read", async () => {
    const payg = {
      SubscriptionGuid: "guid",
      SubscriptionId: "42",
      UsageDateTime: "2024-09-03",
      MeterCategory: "Storage",
      UsageQuantity: "3",
      ResourceRate: "0.5",
      PreTaxCost: "1.5",
      Currency: "EUR",
      InstanceId: "/subscriptions/guid/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/x",
      UnitOfMeasure: "1 GB",
    };
    const { rows } = await mapFiles(
      azureCostExportSource,
      { ...CONFIG, billingAccountId: "mine" },
      file(csvOf([payg])),
    );

    const names = ["BillingAccountId", "SubAccountId", "BillingCurrency", "ResourceName", "ChargePeriodStart"];
    expect(names.map((name) => rows[0]?.[name])).toEqual(["mine", "guid", "EUR", "x", "2024-09-03 00:00:00"]);
    expect(plain(String(rows[0]?.["ContractedCost"]))).toBe("1.5");
  });

  it("that nobody knows are kept as x_ columns, never over a column of ours (X-6)", async () => {
    const { rows } = await mapAzure({
      actual: [{ ...EA_USAGE, Colour: "red", x_ChargeType: "theirs", ResourceGroup: "RG" }],
    });

    const names = ["x_Colour", "x_Delivered_ChargeType", "x_ChargeType", "x_ResourceGroup"];
    expect(names.map((name) => rows[0]?.[name])).toEqual(["red", "theirs", "Usage", "RG"]);
  });

  it("that are missing are named together with the file", async () => {
    const opened = mapFiles(azureCostExportSource, CONFIG, file("MeterCategory,Quantity\nStorage,1\n"));

    await expect(opened).rejects.toThrow(
      /missing CostInBillingCurrency or Cost or PreTaxCost, Date, BillingCurrency .*, BillingAccountId .*file bill\.csv/,
    );
  });
});

describe("azure-cost-export dates", () => {
  const early = { BillingPeriodStartDate: "03/01/2024", BillingPeriodEndDate: "", Date: "03/04/2024" };

  it("are month first where any date of the delivery says so", async () => {
    const { rows } = await mapAzure({
      actual: [
        { ...EA_USAGE, ...early },
        { ...EA_USAGE, ...early, Date: "03/31/2024" },
      ],
    });

    expect(rows[0]?.["ChargePeriodStart"]).toBe("2024-03-04 00:00:00");
  });

  it("are day first where any date of the delivery says so", async () => {
    const { rows } = await mapAzure({
      actual: [{ ...EA_USAGE, ...early, BillingPeriodStartDate: "01/03/2024", Date: "13/03/2024" }],
    });

    expect([rows[0]?.["ChargePeriodStart"], rows[0]?.["BillingPeriodStart"]]).toEqual([
      "2024-03-13 00:00:00",
      "2024-03-01 00:00:00",
    ]);
  });

  it("that nothing decides are refused with file, row, column and the setting that helps", async () => {
    const clear = { ...EA_USAGE, BillingPeriodStartDate: "2024-03-01", BillingPeriodEndDate: "", Date: "2024-03-02" };
    const opened = mapAzure({ actual: [clear, { ...clear, Date: "03/04/2024" }] });

    await expect(opened).rejects.toThrow(
      /"03\/04\/2024" may be day\/month.*dateFormat.*file actual\.csv, row 2, column Date/,
    );
  });

  it("follow the source's dateFormat where nothing decides", async () => {
    const { rows } = await mapAzure(
      { actual: [{ ...EA_USAGE, ...early, BillingPeriodStartDate: "" }] },
      { dateFormat: "DMY" },
    );

    expect(rows[0]?.["ChargePeriodStart"]).toBe("2024-04-03 00:00:00");
  });

  it.each([
    ["contradict each other", "13/03/2024", {}, /different order/],
    ["contradict the dateFormat", "03/31/2024", { dateFormat: "DMY" as const }, /is no DMY date/],
    ["do not exist", "02/30/2024", {}, /"02\/30\/2024" is not a date.*row 1, column Date/],
    ["are no dates", "31.03.2024", {}, /is not a date/],
  ])("are refused when they %s", async (_name, text, config, message) => {
    const opened = mapAzure({ actual: [{ ...EA_USAGE, Date: text }] }, config);

    await expect(opened).rejects.toThrow(message);
  });
});

describe("azure-cost-export files as Parquet", () => {
  it("give the same amounts and days as CSV", async () => {
    const folder = await mkdtemp(path.join(tmpdir(), "genops-azure-"));
    try {
      const target = path.join(folder, "part_0.parquet");
      const engine = await createDuckDbEngine({ tempDir: path.join(folder, "engine") });
      await engine.run(`COPY (SELECT DATE '2024-09-03' AS date, 0.1::DOUBLE AS costInBillingCurrency, 'EUR' AS billingCurrency,
        'P' AS billingProfileId, 3::DECIMAL(38,9) AS quantity, 'Usage' AS chargeType) TO ${sqlText(target)} (FORMAT parquet)`);
      await engine.close();

      const { rows } = await mapFiles(azureCostExportSource, CONFIG, [{ role: "actual", path: target }]);

      expect([plain(String(rows[0]?.["BilledCost"])), rows[0]?.["ChargePeriodStart"]]).toEqual([
        "0.1",
        "2024-09-03 00:00:00",
      ]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("azure-cost-export and odd content", () => {
  it("refuses rows without a currency unless the source has one", async () => {
    const rows = [{ ...EA_USAGE, BillingCurrency: "" }];

    await expect(mapAzure({ actual: rows })).rejects.toThrow(
      /rows without a currency.*file actual\.csv, column BillingCurrency/,
    );
    const mapped = await mapAzure({ actual: rows }, { currency: "CHF" });
    expect(mapped.rows[0]?.["BillingCurrency"]).toBe("CHF");
  });

  it("keeps two currencies apart in the control totals", async () => {
    const { control } = await mapAzure({ actual: [EA_USAGE, { ...EA_USAGE, BillingCurrency: "EUR" }] });

    expect(control.map((row) => row["currency"]).sort()).toEqual(["EUR", "USD"]);
  });

  it("does not take 1.234,56 for a number", async () => {
    await expect(mapAzure({ actual: [{ ...EA_USAGE, Cost: "1.234,56" }] })).rejects.toThrow(
      /not a number: "1\.234,56"/,
    );
  });

  it("accepts tags of 200,000 characters and formulas as text", async () => {
    const long = `{"k":"${"x".repeat(200_000)}"}`;
    const { rows } = await mapAzure({ actual: [{ ...EA_USAGE, Tags: long, SubscriptionName: "=cmd()" }] });

    expect([rows[0]?.["Tags"], rows[0]?.["SubAccountName"]]).toEqual([long, "=cmd()"]);
  });

  it("warns where rate × pricing cost is not the billing cost (AZ-9)", async () => {
    const found = await withAzure(
      { actual: [MCA_USAGE, { ...MCA_USAGE, costInPricingCurrency: "3" }] },
      async (bill, engine) => {
        const warning = bill.warnings?.find(({ message }) => message.includes("AZ-9"));
        return engine.query(warning?.sql ?? "");
      },
    );

    expect(found.map((row) => row["value"])).toEqual(["3"]);
  });

  it("refuses rows of different length", async () => {
    const content = csvOf([EA_USAGE, EA_USAGE]).replace(/,"OnDemand"\n$/, "\n");

    await expect(mapFiles(azureCostExportSource, CONFIG, file(content))).rejects.toThrow(/Expected Number of Columns/);
  });
});
