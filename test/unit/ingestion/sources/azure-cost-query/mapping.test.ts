import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { azureCostQuerySource } from "../../../../../shared/ingestion/sources/azure-cost-query/index.ts";
import type { SqlRow } from "../../../../../shared/ports/sql-engine.ts";
import { type CostQueryStub, createCostQueryStub } from "../../../../support/cost-query-stub.ts";
import { brokenRules, controlDifferences } from "../golden.ts";
import { mapFiles, withBill } from "../support.ts";
import { type AzureSource, charge, createAzureWorld, fetchLines, SOURCE } from "./support.ts";

let stub: CostQueryStub;

beforeEach(async () => {
  stub = await createCostQueryStub();
});

afterEach(() => stub.close());

async function fileOf(source: AzureSource) {
  const { lines } = await fetchLines(createAzureWorld(stub.api()), { source });
  return [{ name: "query.ndjson", content: lines.map((line) => `${JSON.stringify(line)}\n`).join("") }];
}

async function onlyRow(source: AzureSource = SOURCE): Promise<SqlRow> {
  const { rows } = await mapFiles(azureCostQuerySource, source, await fileOf(source));
  expect(rows).toHaveLength(1);
  return rows[0] ?? {};
}

describe("a row of Azure's Query API", () => {
  it("joins what is billed with what it is worth, and has null for what the API cannot tell", async () => {
    stub.charges = [charge("2024-09-30", {}, 2.5, 3.5)];
    const row = await onlyRow();
    expect(["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"].map((name) => Number(row[name]))).toEqual([
      2.5, 3.5, 3.5, 3.5,
    ]);
    expect(row).toMatchObject({
      BillingAccountId: "abcdef00-0000-0000-0000-000000000001",
      BillingAccountType: "Billing Account",
      SubAccountId: "abcdef00-0000-0000-0000-000000000001",
      SubAccountType: "Subscription",
      BillingCurrency: "USD",
      ChargeCategory: "Usage",
      ChargeClass: null,
      ChargeFrequency: "Usage-Based",
      PricingCategory: "Standard",
      ServiceName: "Virtual Machines",
      ServiceCategory: "Compute",
      ServiceSubcategory: "Other (Compute)",
      ServiceProviderName: "Microsoft",
      HostProviderName: "Microsoft",
      RegionId: null,
      ResourceId: null,
      Tags: null,
      x_ChargeType: "Usage",
      x_Remainder: false,
    });
    expect(
      [row["ChargePeriodStart"], row["ChargePeriodEnd"], row["BillingPeriodEnd"]].map((at) => String(at).slice(0, 10)),
    ).toEqual(["2024-09-30", "2024-10-01", "2024-10-01"]);
  });

  it.each([
    ["Usage", "Usage", null, "Usage-Based", "Standard"],
    ["UnusedReservation", "Usage", null, "Usage-Based", "Committed"],
    ["Unused Savings Plan", "Usage", null, "Usage-Based", "Committed"],
    ["Purchase", "Purchase", null, "One-Time", "Standard"],
    ["Refund", "Purchase", "Correction", "One-Time", "Standard"],
    ["Tax", "Tax", null, "One-Time", null],
    ["Credit", "Credit", null, "One-Time", null],
    ["RoundingAdjustment", "Adjustment", null, "One-Time", null],
    ["SomethingOf2027", "Adjustment", null, "One-Time", null],
  ])("with ChargeType %s is %s (AZ-3, AZ-6)", async (type, category, correction, frequency, pricing) => {
    stub.charges = [charge("2024-09-01", { ChargeType: type.replaceAll(" ", "") }, -1)];
    expect(await onlyRow()).toMatchObject({
      ChargeCategory: category,
      ChargeClass: correction,
      ChargeFrequency: frequency,
      PricingCategory: pricing,
    });
  });

  it("reads subscriptions, regions and pricing models", async () => {
    const keys = { SubscriptionId: "S-9", SubscriptionName: "prod", ResourceLocation: "EU West", PricingModel: "Spot" };
    stub.charges = [charge("2024-09-01", keys, 1)];
    const source = { ...SOURCE, scope: "providers/Microsoft.Management/managementGroups/All" };
    expect(await onlyRow({ ...source, groupBy: ["subscriptionid", "SubscriptionName", "PricingModel"] })).toMatchObject(
      {
        BillingAccountId: "all",
        SubAccountId: "S-9",
        SubAccountName: "prod",
        PricingCategory: "Dynamic",
        ServiceName: "Azure",
      },
    );
    expect(await onlyRow({ ...source, groupBy: ["ResourceLocation"] })).toMatchObject({
      SubAccountId: null,
      SubAccountType: null,
      RegionId: "westeurope",
      RegionName: "West Europe",
    });
  });

  it("reads resources, meters and tags that are not ASCII (X-5)", async () => {
    const id = "/subscriptions/S/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/Web-1";
    stub.charges = [charge("2024-09-01", { ResourceId: id, Meter: "D2 v5", "TAG:team": 'größe "1"' }, 1)];
    expect(await onlyRow({ ...SOURCE, groupBy: ["ResourceId", "TAG:team", "Meter"] })).toMatchObject({
      ResourceId: id.toLowerCase(),
      ResourceName: "Web-1",
      SkuMeter: "D2 v5",
      ChargeDescription: "D2 v5",
      Tags: '{"team":"größe \\"1\\""}',
    });
  });

  it("puts AI services where they belong (X-7), and counts what nobody knows", async () => {
    stub.charges = ["Azure OpenAI", "Azure Machine Learning", "Cognitive Services", "Azure Toaster"].map(
      (ServiceName) => charge("2024-09-01", { ServiceName }, 1),
    );
    const found = await withBill(azureCostQuerySource, SOURCE, await fileOf(SOURCE), async (bill, engine) => ({
      rows: await engine.query(
        `SELECT ServiceName AS n, ServiceCategory AS c, ServiceSubcategory AS s FROM (${bill.mapping}) ORDER BY 1`,
      ),
      unknown: await engine.query(bill.warnings?.[0]?.sql ?? ""),
    }));
    expect(found.rows.map((row) => [row["n"], row["c"], row["s"]])).toEqual([
      ["Azure Machine Learning", "AI and Machine Learning", "Machine Learning"],
      ["Azure OpenAI", "AI and Machine Learning", "Generative AI"],
      ["Azure Toaster", "Other", "Other (Other)"],
      ["Cognitive Services", "AI and Machine Learning", "Other (AI and Machine Learning)"],
    ]);
    expect(found.unknown).toEqual([{ value: "Azure Toaster" }]);
  });

  it.each([
    [
      "providers/Microsoft.Billing/billingAccounts/7:8_2019/billingProfiles/AB-CD",
      undefined,
      "ab-cd",
      "Billing Profile",
    ],
    ["/providers/Microsoft.Billing/billingAccounts/77", undefined, "77", "Billing Account"],
    ["providers/Microsoft.Billing/billingAccounts/77/departments/5", undefined, "77", "Billing Account"],
    ["subscriptions/S-1/resourceGroups/rg", "E123", "E123", "Billing Account"],
  ])("of the scope %s, with %s configured, belongs to %s", async (scope, billingAccountId, account, type) => {
    stub.charges = [charge("2024-09-01", {}, 1)];
    const source = { ...SOURCE, scope, ...(billingAccountId === undefined ? {} : { billingAccountId }) };
    expect(await onlyRow(source)).toMatchObject({ BillingAccountId: account, BillingAccountType: type });
  });
});

describe("the rows together", () => {
  it.each([[["ServiceName"]], [["SubscriptionId", "ServiceName"]], [["TAG:team", "SubscriptionId", "ServiceName"]]])(
    "keep every rule of FOCUS 1.4 and the control totals (INV-1), grouped by %j",
    async (groupBy) => {
      stub.charges = [
        charge("2024-09-01", { SubscriptionId: "1", "TAG:team": "a" }, 1.000001, 2),
        charge("2024-09-01", { SubscriptionId: "2", ChargeType: "Tax", ServiceName: "Tax" }, 0.2),
        charge("2024-09-02", { SubscriptionId: "2", ChargeType: "Refund" }, -4.5),
        charge("2024-09-03", { ChargeType: "UnusedReservation" }, 0, 9),
      ];
      const source = { ...SOURCE, groupBy };
      const [broken, differences] = await withBill(
        azureCostQuerySource,
        source,
        await fileOf(source),
        async (bill, engine) => [await brokenRules(engine, bill), await controlDifferences(engine, bill)],
      );
      expect(broken).toEqual([]);
      expect(differences).toEqual({ "2024-09 USD BilledCost": "0", "2024-09 USD EffectiveCost": "0" });
    },
  );

  it("need a currency, the answer's or the configured one", async () => {
    stub.charges = [charge("2024-09-01", {}, 1)];
    const files = (await fileOf(SOURCE)).map((file) => ({
      ...file,
      content: file.content.replaceAll('"USD"', "null"),
    }));
    expect(Object.keys((await mapFiles(azureCostQuerySource, SOURCE, files)).checks)).toEqual([
      "costs without a currency; set the source's `currency`",
    ]);
    const filled = await mapFiles(azureCostQuerySource, { ...SOURCE, currency: "CHF" }, files);
    expect([filled.checks, filled.rows[0]?.["BillingCurrency"]]).toEqual([{}, "CHF"]);
  });
});
