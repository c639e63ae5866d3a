import { describe, expect, it } from "vitest";
import { brokenRules, commitmentsOf, controlDifferences, expectedOf, groupsOf, plain, sumsBy } from "../golden.ts";
import { withFixtures } from "./azure-bill.ts";

const MCA = ["azure_mca_actual_synth.csv", "azure_mca_amortized_synth.csv"];
const EA = ["azure_ea_actual_ftk_small.csv", "azure_ea_amortized_ftk_small.csv"];
const PARTIAL = ["azure_opencost_template.csv"];
const USD = { currency: "USD" };
const MONTH = "strftime(BillingPeriodStart, '%Y-%m')";
const DAY = "strftime(ChargePeriodStart, '%Y-%m-%d')";

describe("azure-cost-export on the MCA pair", () => {
  it.each([
    ["by_charge_category", "ChargeCategory"],
    ["by_billing_period", MONTH],
    ["by_charge_class", "ChargeClass"],
    ["by_sub_account", "SubAccountId"],
    ["by_source_meter_category", "coalesce(x_MeterCategory, '')"],
    ["by_charge_date", DAY],
  ])("reproduces %s of expected.json", async (key, sql) => {
    const found = await withFixtures(MCA, {}, (bill, engine) => sumsBy(engine, bill, sql));

    expect(found).toEqual(groupsOf(await expectedOf(MCA.join(" + ")), key));
  });

  it("keeps used, unused and purchased cost of every commitment apart (INV-3)", async () => {
    const found = await withFixtures(MCA, {}, (bill, engine) => commitmentsOf(engine, bill));

    expect(found).toEqual((await expectedOf(MCA.join(" + "))).by_commitment);
  });

  it("equals both files' control totals to the last digit (INV-1)", async () => {
    const found = await withFixtures(MCA, {}, async (bill, engine) => ({
      differences: await controlDifferences(engine, bill),
      amounts: (await engine.query(bill.control ?? "")).map((row) => plain(String(row["amount"]))).sort(),
    }));

    const { control } = await expectedOf(MCA.join(" + "));
    expect(found.differences).toEqual({ "2024-09 EUR BilledCost": "0", "2024-09 EUR EffectiveCost": "0" });
    expect(found.amounts).toEqual(Object.values(control).sort());
  });

  it("accounts for every row: 146 − 65 that are in both files = 81 (INV-6)", async () => {
    const rows = await withFixtures(MCA, {}, (bill, engine) => engine.query(bill.accounting));

    expect(rows.map((row) => Number(row["rows"]))).toEqual([146, -65, 0]);
  });

  it("reproduces the hand-checked rows", async () => {
    const rows = await withFixtures(MCA, {}, (bill, engine) =>
      engine.query(`SELECT ChargeCategory AS c, CommitmentDiscountStatus AS s, BilledCost::VARCHAR AS b, EffectiveCost::VARCHAR AS e
        FROM (${bill.mapping}) WHERE (x_ChargeType = 'Usage' AND x_PricingModel = 'OnDemand' AND ResourceName = 'aks-pool1-vmss' AND day(ChargePeriodStart) = 1)
          OR (x_ChargeType = 'UnusedReservation' AND day(ChargePeriodStart) = 8 AND contains(CommitmentDiscountId, '9b000001'))
          OR (x_ChargeType = 'Purchase' AND x_PricingModel = 'Reservation' AND day(ChargePeriodStart) = 3) ORDER BY e`),
    );

    const found = rows.map((row) => [row["c"], row["s"], plain(String(row["b"])), plain(String(row["e"]))]);
    expect(found).toEqual([
      ["Purchase", null, "789.4512", "0"],
      ["Usage", "Unused", "0", "1.3518"],
      ["Usage", null, "4.98327552", "4.98327552"],
    ]);
  });

  it("keeps the cost in pricing currency (AZ-9)", async () => {
    const [row] = await withFixtures(MCA, {}, (bill, engine) =>
      engine.query(
        `SELECT sum(PricingCurrencyEffectiveCost)::VARCHAR AS usd, list(DISTINCT PricingCurrency) AS c FROM (${bill.mapping})`,
      ),
    );

    expect({ ...row, usd: plain(String(row?.["usd"])) }).toEqual({ usd: "293.183484", c: ["USD"] });
  });
});

describe("azure-cost-export on the EA pair", () => {
  it("gives the sums of expected.json", async () => {
    const found = await withFixtures(EA, {}, (bill, engine) => sumsBy(engine, bill, "ChargeCategory"));

    expect(found).toEqual(groupsOf(await expectedOf(EA.join(" + ")), "by_charge_category"));
  });

  it("misses the actual file's control total, because the excerpts are of different days (INV-7)", async () => {
    const found = await withFixtures(EA, {}, (bill, engine) => controlDifferences(engine, bill));

    expect(found).toEqual({ "2023-09 USD BilledCost": "10.502772349426707827", "2023-09 USD EffectiveCost": "0" });
  });
});

describe("azure-cost-export on a partial export", () => {
  it("reads eleven lower-case columns of which no row has the last", async () => {
    const found = await withFixtures(PARTIAL, USD, (bill, engine) => sumsBy(engine, bill, DAY));

    expect(found).toEqual(groupsOf(await expectedOf(PARTIAL.join("")), "by_charge_date"));
  });

  it("refuses it without a currency", async () => {
    const opened = withFixtures(PARTIAL, {}, () => Promise.resolve());

    await expect(opened).rejects.toThrow(/BillingCurrency \(or the source's currency\).*azure_opencost_template\.csv/);
  });
});

describe("azure-cost-export rows", () => {
  it.each([
    ["the MCA pair", MCA, {}],
    ["the EA pair", EA, {}],
    ["a partial export", PARTIAL, USD],
    ["an actual file alone", MCA.slice(0, 1), {}],
  ])("of %s break no rule of FOCUS 1.4", async (_name, files, config) => {
    const broken = await withFixtures(files, config, (bill, engine) => brokenRules(engine, bill));

    expect(broken).toEqual([]);
  });
});
