import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awsCostExplorerSource } from "../../../../../shared/ingestion/sources/aws-cost-explorer/index.ts";
import type { SqlRow } from "../../../../../shared/ports/sql-engine.ts";
import { type CeStub, createCostExplorerStub } from "../../../../support/cost-explorer-stub.ts";
import { brokenRules, controlDifferences } from "../golden.ts";
import { mapFiles, withBill } from "../support.ts";
import { type CeSource, charge, createCeWorld, fetchLines, SOURCE } from "./support.ts";

const NOW = "2024-10-20T00:00:00.000Z";

let stub: CeStub;

beforeEach(async () => {
  stub = await createCostExplorerStub();
});

afterEach(() => stub.close());

/** What the reader makes of what the fetcher wrote. */
async function mapped(source: CeSource = SOURCE, change: (text: string) => string = (text) => text) {
  const { lines } = await fetchLines(createCeWorld(stub.api(), undefined, NOW), { source });
  const content = change(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return mapFiles(awsCostExplorerSource, source, [{ name: "cost-explorer.ndjson", content }]);
}

async function onlyRow(source: CeSource = SOURCE): Promise<SqlRow> {
  const { rows } = await mapped(source);
  expect(rows).toHaveLength(1);
  return rows[0] ?? {};
}

describe("a row of Cost Explorer", () => {
  it("has what the API tells, and null for the rest", async () => {
    stub.charges = [charge("2024-09-30", {}, "1.5")];
    stub.estimatedFrom = "2024-09-30";
    expect(await onlyRow()).toMatchObject({
      BillingAccountId: "012345678901",
      BillingAccountType: "Account",
      SubAccountId: null,
      SubAccountType: null,
      BillingCurrency: "USD",
      PricingCurrency: "USD",
      ChargeCategory: "Usage",
      ChargeFrequency: "Usage-Based",
      PricingCategory: "Standard",
      ServiceName: "Amazon Elastic Compute Cloud - Compute",
      ServiceCategory: "Compute",
      ServiceSubcategory: "Other (Compute)",
      ServiceProviderName: "AWS",
      HostProviderName: "AWS",
      InvoiceIssuerName: "AWS",
      RegionId: null,
      ConsumedQuantity: null,
      ConsumedUnit: null,
      SkuMeter: null,
      Tags: null,
      x_RecordType: "Usage",
      x_Estimated: true,
      x_Remainder: false,
      x_CostFilled: true,
      x_AmortizationMissing: null,
    });
  });

  it("has a UTC day inside a calendar month, ends exclusive (X-2)", async () => {
    stub.charges = [charge("2024-09-30", {}, "1")];
    const row = await onlyRow();
    const instants = ["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd"].map((name) =>
      String(row[name]),
    );
    expect(instants.map((text) => text.slice(0, 10))).toEqual(["2024-09-01", "2024-10-01", "2024-09-30", "2024-10-01"]);
  });

  it("takes net costs as billed and effective, undiscounted ones as list (§6)", async () => {
    const costs = { UnblendedCost: "10", NetUnblendedCost: "9", AmortizedCost: "8", NetAmortizedCost: "7" };
    stub.charges = [charge("2024-09-01", {}, "0", costs)];
    const row = await onlyRow();
    expect(
      ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost", "PricingCurrencyEffectiveCost"].map((name) =>
        Number(row[name]),
      ),
    ).toEqual([9, 7, 10, 9, 7]);
  });

  it("takes unblended and amortized costs where those alone are asked for, and says when nothing is amortised", async () => {
    const costs = { UnblendedCost: "10", AmortizedCost: "8" };
    stub.charges = [charge("2024-09-01", {}, "0", costs)];
    const both = await onlyRow({ ...SOURCE, metrics: ["UnblendedCost", "AmortizedCost"] });
    expect([both["BilledCost"], both["EffectiveCost"]].map(Number)).toEqual([10, 8]);
    const one = await onlyRow({ ...SOURCE, metrics: ["UnblendedCost"] });
    expect([Number(one["EffectiveCost"]), one["x_AmortizationMissing"]]).toEqual([10, true]);
  });

  it("reads accounts with their names, regions, zones and tags (X-5)", async () => {
    const keys = { LINKED_ACCOUNT: "000122223333", REGION: "eu-central-1", "TAG:team": 'größe$für "alle"' };
    stub.charges = [charge("2024-09-01", keys, "1")];
    stub.accountNames = { "000122223333": "ml-prod" };
    expect(await onlyRow({ ...SOURCE, groupBy: ["LINKED_ACCOUNT", "TAG:team", "REGION"] })).toMatchObject({
      SubAccountId: "000122223333",
      SubAccountName: "ml-prod",
      SubAccountType: "Account",
      RegionId: "eu-central-1",
      Tags: '{"team":"größe$für \\"alle\\""}',
    });
  });

  it("knows NoRegion, global and an empty tag as nothing", async () => {
    stub.charges = [charge("2024-09-01", { REGION: "NoRegion" }, "1"), charge("2024-09-02", { REGION: "global" }, "1")];
    const { rows } = await mapped({ ...SOURCE, groupBy: ["REGION", "TAG:team"] });
    expect(rows.map((row) => [row["RegionId"], row["Tags"]])).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it("keeps cost categories and further dimensions as x_ columns (X-6)", async () => {
    const keys = { "COST_CATEGORY:Unit": "R&D", PURCHASE_TYPE: "Spot Instances", OPERATION: "RunInstances" };
    stub.charges = [charge("2024-09-01", keys, "1")];
    expect(await onlyRow({ ...SOURCE, groupBy: ["COST_CATEGORY:Unit", "PURCHASE_TYPE", "OPERATION"] })).toMatchObject({
      x_CostCategories: '{"Unit":"R&D"}',
      x_PurchaseType: "Spot Instances",
      x_Operation: "RunInstances",
      PricingCategory: "Dynamic",
      ServiceName: "AWS",
    });
  });

  it("has a quantity only per usage type, and only where that has one unit (X-10)", async () => {
    const quantity = { UsageQuantity: "24" };
    stub.charges = [
      charge("2024-09-01", { USAGE_TYPE: "EUC1-BoxUsage:m5.large" }, "2.3", quantity),
      charge("2024-09-01", { USAGE_TYPE: "EUC1-Fee", RECORD_TYPE: "Fee" }, "2.3", quantity),
    ];
    const byType = await mapped({ ...SOURCE, groupBy: ["USAGE_TYPE"] });
    expect(
      byType.rows.map((row) => [row["SkuMeter"], String(row["ConsumedQuantity"]), row["ConsumedUnit"]]).sort(),
    ).toEqual([
      ["EUC1-BoxUsage:m5.large", "24.000000000000000000", "Hrs"],
      ["EUC1-Fee", "null", null],
    ]);
    const mixed = await mapped({ ...SOURCE, groupBy: ["USAGE_TYPE"] }, (text) => text.replaceAll('"Hrs"', '"N/A"'));
    expect(mixed.rows.map((row) => row["ConsumedQuantity"])).toEqual([null, null]);
  });

  it("puts AI services where they belong (X-7), and counts what nobody knows", async () => {
    const services = [
      "Amazon Bedrock",
      "Claude 3.5 Sonnet (Amazon Bedrock Edition)",
      "Amazon SageMaker",
      "Amazon Quantum Toaster",
    ];
    stub.charges = services.map((SERVICE) => charge("2024-09-01", { SERVICE }, "1"));
    const { rows, bill } = await mapped();
    expect(
      Object.fromEntries(rows.map((row) => [row["ServiceName"], [row["ServiceCategory"], row["ServiceSubcategory"]]])),
    ).toEqual({
      "Amazon Bedrock": ["AI and Machine Learning", "Generative AI"],
      "Claude 3.5 Sonnet (Amazon Bedrock Edition)": ["AI and Machine Learning", "Generative AI"],
      "Amazon SageMaker": ["AI and Machine Learning", "Machine Learning"],
      "Amazon Quantum Toaster": ["Other", "Other (Other)"],
    });
    expect(bill.warnings?.map(({ message }) => message)).toContain(
      "an unknown service has ServiceCategory Other (X-7)",
    );
  });
});

describe("RECORD_TYPE (AWS-3, AWS-6)", () => {
  it.each([
    ["Usage", "Usage", "Usage-Based", "Standard"],
    ["Enterprise Discount Program Discount", "Usage", "Usage-Based", "Standard"],
    ["SavingsPlanCoveredUsage", "Usage", "Usage-Based", "Committed"],
    ["SavingsPlanNegation", "Usage", "Usage-Based", "Committed"],
    ["DiscountedUsage", "Usage", "Usage-Based", "Committed"],
    ["SavingsPlanRecurringFee", "Purchase", "Recurring", "Standard"],
    ["SavingsPlanUpfrontFee", "Purchase", "One-Time", "Standard"],
    ["RIFee", "Purchase", "Recurring", "Standard"],
    ["Upfront reservation fee", "Purchase", "One-Time", "Standard"],
    ["Support", "Purchase", "Recurring", "Standard"],
    ["Tax", "Tax", "One-Time", null],
    ["Credit", "Credit", "One-Time", null],
    ["Refund", "Adjustment", "One-Time", null],
    ["Something of 2027", "Adjustment", "One-Time", null],
  ])("%s is %s", async (record, category, frequency, pricing) => {
    stub.charges = [charge("2024-09-01", { RECORD_TYPE: record }, "-3.5")];
    expect(await onlyRow()).toMatchObject({
      ChargeCategory: category,
      ChargeFrequency: frequency,
      PricingCategory: pricing,
      x_RecordType: record,
    });
  });

  it("Refund of a usage type is negative usage (AWS-6)", async () => {
    stub.charges = [charge("2024-09-01", { RECORD_TYPE: "Refund", USAGE_TYPE: "BoxUsage" }, "-1")];
    expect(await onlyRow({ ...SOURCE, groupBy: ["USAGE_TYPE"] })).toMatchObject({ ChargeCategory: "Usage" });
  });

  it("that nobody knows is counted (AWS-1)", async () => {
    stub.charges = [charge("2024-09-01", { RECORD_TYPE: "Something of 2027" }, "1")];
    const { bill } = await mapped();
    const content = (await fetchLines(createCeWorld(stub.api(), undefined, NOW))).lines
      .map((line) => `${JSON.stringify(line)}\n`)
      .join("");
    const found = await withBill(awsCostExplorerSource, SOURCE, [{ name: "a.ndjson", content }], async (open, engine) =>
      Promise.all((open.warnings ?? []).map(async ({ sql }) => (await engine.query(sql)).length)),
    );
    expect(bill.warnings?.map(({ message }, index) => [message.slice(0, 19), found[index]])).toEqual([
      ["unknown RECORD_TYPE", 1],
      ["an unknown service ", 0],
      ["the narrower querie", 0],
    ]);
  });
});

describe("the rows together", () => {
  const many = () => [
    charge("2024-09-01", { LINKED_ACCOUNT: "1", REGION: "us-east-1", "TAG:team": "a" }, "1.0000000001"),
    charge("2024-09-01", { LINKED_ACCOUNT: "2", REGION: "NoRegion", RECORD_TYPE: "Tax", SERVICE: "Tax" }, "0.2"),
    charge("2024-09-02", { LINKED_ACCOUNT: "2", RECORD_TYPE: "Credit", SERVICE: "Amazon Bedrock" }, "-4.1E-7"),
    charge("2024-09-03", { LINKED_ACCOUNT: "1", RECORD_TYPE: "RIFee" }, "9", { NetAmortizedCost: "0" }),
  ];

  it.each([[["SERVICE"]], [["LINKED_ACCOUNT", "SERVICE"]], [["TAG:team", "REGION", "SERVICE"]], [["RECORD_TYPE"]]])(
    "keep every rule of FOCUS 1.4 and the control totals (INV-1), grouped by %j",
    async (groupBy) => {
      stub.charges = many();
      const source = { ...SOURCE, groupBy };
      const { lines } = await fetchLines(createCeWorld(stub.api(), undefined, NOW), { source });
      const content = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      const files = [{ name: "ce.ndjson", content }];
      const [broken, differences] = await withBill(awsCostExplorerSource, source, files, async (bill, engine) => [
        await brokenRules(engine, bill),
        await controlDifferences(engine, bill),
      ]);
      expect(broken).toEqual([]);
      expect(differences).toEqual({ "2024-09 USD BilledCost": "0", "2024-09 USD EffectiveCost": "0" });
    },
  );

  it("of a day outside the period, without a currency or without their metric are refused by checks", async () => {
    stub.charges = [charge("2024-09-01", {}, "1"), charge("2024-09-02", {}, "1")];
    const { lines } = await fetchLines(createCeWorld(stub.api(), undefined, NOW));
    const content = lines
      .map((line) => (line.day === "2024-09-01" ? { ...line, unit: null } : line))
      .filter(({ day, measure }) => day !== "2024-09-02" || measure !== "NetUnblendedCost")
      .map((line) => `${JSON.stringify(line)}\n`)
      .join("");
    const { checks } = await mapFiles(awsCostExplorerSource, SOURCE, [{ name: "a.ndjson", content }]);
    expect(Object.keys(checks)).toEqual([
      "costs without a currency; set the source's `currency`",
      "a group of costs without NetUnblendedCost",
    ]);
    const filled = await mapFiles(awsCostExplorerSource, { ...SOURCE, currency: "EUR" }, [
      { name: "a.ndjson", content },
    ]);
    expect(Object.keys(filled.checks)).toEqual(["a group of costs without NetUnblendedCost"]);
  });
});
