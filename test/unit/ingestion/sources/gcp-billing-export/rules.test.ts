import { describe, expect, it } from "vitest";
import { plain } from "../golden.ts";
import { credit, mapBill, mapRow, USAGE } from "./gcp-bill.ts";

const money = (value: unknown) => (value === null ? null : plain(String(value)));
const FEE = {
  sku: { id: "9C1D", description: "Commitment v1: GPU for 1 Year" },
  subscription: { instance_id: "c0ffee" },
};

describe("GCP-1 the cost type", () => {
  it.each([
    ["regular", "Usage"],
    ["tax", "Tax"],
    ["adjustment", "Adjustment"],
    ["rounding_error", "Adjustment"],
  ])("%s is %s", async (cost_type, category) => {
    expect((await mapRow({ cost_type }))["ChargeCategory"]).toBe(category);
  });

  it.each([["gift"], [undefined]])("%s is refused with its line", async (cost_type) => {
    await expect(mapBill([{}, { cost_type }])).rejects.toThrow(
      /unknown cost_type .*GCP-1.*file rows\.ndjson, line 2, column cost_type/,
    );
  });
});

describe("GCP-2 credits", () => {
  it.each([
    "COMMITTED_USAGE_DISCOUNT",
    "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE",
    "SUSTAINED_USAGE_DISCOUNT",
    "DISCOUNT",
    "RESELLER_MARGIN",
    "SUBSCRIPTION_BENEFIT",
    "FEE_UTILIZATION_OFFSET",
  ])("of type %s reduce their row", async (type) => {
    const { rows } = await mapBill([{ credits: [credit(type, -3), credit(type, "-1.5")] }]);

    expect(rows.map((row) => [money(row["BilledCost"]), money(row["EffectiveCost"])])).toEqual([["5.5", "5.5"]]);
  });

  it.each(["PROMOTION", "FREE_TIER", "CREDIT_TYPE_UNSPECIFIED", "SOMETHING_NEW"])(
    "of type %s become rows of their own",
    async (type) => {
      const { rows, accounting } = await mapBill([{ credits: [credit(type, -3), credit(type, -4)] }]);

      const found = rows
        .map((row) => [row["ChargeCategory"], money(row["BilledCost"]), money(row["EffectiveCost"])])
        .sort();
      expect(found).toEqual([
        ["Credit", "-3", "-3"],
        ["Credit", "-4", "-4"],
        ["Usage", "10", "10"],
      ]);
      expect(accounting.map((row) => Number(row["rows"]))).toEqual([1, 0, 2]);
      const names = [
        "SubAccountId",
        "SkuId",
        "PricingQuantity",
        "ConsumedQuantity",
        "PricingCategory",
        "ChargeFrequency",
        "x_CreditType",
      ];
      const own = rows.find((row) => row["ChargeCategory"] === "Credit");
      expect(names.map((name) => own?.[name])).toEqual(["ml-prod", "2E27", null, null, null, "One-Time", type]);
    },
  );

  it("never clamp a row at 0", async () => {
    expect(money((await mapRow({ credits: [credit("DISCOUNT", -12)] }))["BilledCost"])).toBe("-2");
  });

  it("stay readable in x_Credits", async () => {
    const row = await mapRow({ credits: [credit("DISCOUNT", -3)] });

    expect(JSON.parse(String(row["x_Credits"]))).toEqual([credit("DISCOUNT", -3)]);
  });
});

describe("GCP-3 commitment fees", () => {
  it("become a Purchase and its amortised Usage twin", async () => {
    const { rows, accounting } = await mapBill([{ ...FEE, credits: [credit("DISCOUNT", -1)] }]);

    const names = [
      "ChargeCategory",
      "ChargeFrequency",
      "PricingCategory",
      "CommitmentDiscountId",
      "CommitmentDiscountStatus",
    ];
    const found = rows
      .map((row) => [...names.map((name) => row[name]), money(row["BilledCost"]), money(row["EffectiveCost"])])
      .sort();
    expect(found).toEqual([
      ["Purchase", "Recurring", "Standard", "c0ffee", null, "9", "0"],
      ["Usage", "Usage-Based", "Committed", "c0ffee", "Used", "0", "9"],
    ]);
    expect(accounting.map((row) => Number(row["rows"]))).toEqual([1, 1, 0]);
  });

  it("count their list and contracted cost once", async () => {
    const { rows } = await mapBill([FEE]);

    expect(
      rows.map((row) => [row["ChargeCategory"], money(row["ListCost"]), money(row["ContractedCost"])]).sort(),
    ).toEqual([
      ["Purchase", "12", "10"],
      ["Usage", "0", "0"],
    ]);
  });

  it.each([
    [{}, "c0ffee"],
    [{ subscription: null, resource: { global_name: "//compute/commitments/c" } }, "//compute/commitments/c"],
    [{ subscription: null }, "9C1D"],
  ])("take their id from %j", async (changes, id) => {
    const { rows } = await mapBill([{ ...FEE, ...changes }]);

    expect(rows.map((row) => row["CommitmentDiscountId"])).toEqual([id, id]);
  });

  it("are Spend where the SKU says dollar based, else Usage", async () => {
    const { rows } = await mapBill([FEE, { sku: { id: "F5", description: "commitment - Dollar based v1: Run" } }]);

    const found = new Set(rows.map((row) => `${String(row["SkuId"])} ${String(row["CommitmentDiscountCategory"])}`));
    expect(found).toEqual(new Set(["9C1D Usage", "F5 Spend"]));
  });

  it("leave covered usage Committed without commitment columns", async () => {
    const row = await mapRow({ credits: [credit("COMMITTED_USAGE_DISCOUNT", -8)] });

    expect([row["PricingCategory"], row["CommitmentDiscountId"], row["CommitmentDiscountStatus"]]).toEqual([
      "Committed",
      null,
      null,
    ]);
  });
});

describe("GCP-4 the spend-based model", () => {
  it("keeps the sums where FEE_UTILIZATION_OFFSET lowers the fee, and calls the rest unused", async () => {
    const { rows } = await mapBill([{ ...FEE, credits: [credit("FEE_UTILIZATION_OFFSET", -8)] }]);

    const twin = rows.find((row) => row["ChargeCategory"] === "Usage");
    const purchase = rows.find((row) => row["ChargeCategory"] === "Purchase");
    expect([
      twin?.["CommitmentDiscountStatus"],
      money(twin?.["EffectiveCost"]),
      money(purchase?.["BilledCost"]),
    ]).toEqual(["Unused", "2", "2"]);
  });

  it("keeps columns of later exports as x_ columns (X-6)", async () => {
    const row = await mapRow({ consumption_model: { id: "7754", description: "Spend" }, x_Credits: "theirs" });

    expect(JSON.parse(String(row["x_consumption_model"]))).toEqual({ id: "7754", description: "Spend" });
    expect([row["x_Delivered_Credits"], row["x_Credits"]]).toEqual(["theirs", null]);
  });
});

describe("GCP-5 corrections", () => {
  const adjustment_info = { id: null, description: null, mode: null, type: "PRICE_CORRECTION" };
  const august = { usage_start_time: "2024-08-20 07:00:00 UTC", usage_end_time: "2024-08-21 07:00:00 UTC" };

  it.each([
    ["adjusted usage of an earlier month", { adjustment_info, ...august }, "Correction"],
    ["an adjustment within the month", { adjustment_info }, null],
    ["earlier usage without adjustment", august, null],
    ["an adjustment without any field", { adjustment_info: { id: null }, ...august }, null],
    [
      "usage that is still August in Los Angeles",
      { adjustment_info, usage_start_time: "2024-09-01 06:59:59 UTC", usage_end_time: "2024-09-01 08:00:00 UTC" },
      "Correction",
    ],
    [
      "usage that is September in Los Angeles",
      { adjustment_info, usage_start_time: "2024-09-01 07:00:00 UTC", usage_end_time: "2024-09-01 08:00:00 UTC" },
      null,
    ],
  ])("are %s", async (_name, changes, expected) => {
    expect((await mapRow(changes))["ChargeClass"]).toBe(expected);
  });
});

describe("GCP-6 tags", () => {
  it("put labels before project labels before system labels, and mark tags", async () => {
    const row = await mapRow({
      labels: [
        { key: "team", value: "ml" },
        { key: "Team", value: 'M"L' },
      ],
      project: {
        ...USAGE.project,
        labels: [
          { key: "team", value: "platform" },
          { key: "cost-center", value: "4100" },
        ],
      },
      system_labels: [{ key: "compute.googleapis.com/cores", value: "8" }],
      tags: [{ key: "CostCenter", value: "CC-1", inherited: true, namespace: "770" }, { key: "env" }],
    });

    expect(JSON.parse(String(row["Tags"]))).toEqual({
      team: "ml",
      Team: 'M"L',
      "cost-center": "4100",
      "compute.googleapis.com/cores": "8",
      "tag:770/CostCenter": "CC-1",
      "tag:env": true,
    });
    expect(JSON.parse(String(row["SkuPriceDetails"]))).toEqual({ "x_compute.googleapis.com/cores": "8" });
  });

  it("are null where nothing is labelled (X-3)", async () => {
    expect((await mapRow({ labels: undefined, project: null }))["Tags"]).toBeNull();
  });

  it("survive 200,000 characters and control characters", async () => {
    const value = `${"x".repeat(200_000)}\u0001"\\`;
    const row = await mapRow({ labels: [{ key: "k", value }] });

    expect(JSON.parse(String(row["Tags"]))).toEqual({ k: value });
  });
});

describe("GCP-7 billing periods", () => {
  it("are the invoice month, while the charge period stays where it was", async () => {
    const row = await mapRow({
      usage_start_time: "2024-10-01 06:00:00 UTC",
      usage_end_time: "2024-10-01 07:00:00 UTC",
    });

    expect([row["BillingPeriodStart"], row["BillingPeriodEnd"], row["ChargePeriodStart"]]).toEqual([
      "2024-09-01 00:00:00",
      "2024-10-01 00:00:00",
      "2024-10-01 06:00:00",
    ]);
    expect(row["ChargeClass"]).toBeNull();
  });

  it("are several in one file", async () => {
    const { control } = await mapBill([{}, { invoice: { month: "202410" }, cost: 3 }]);

    expect(control.map((row) => [row["billing_period"], row["metric"], money(row["amount"])]).sort()).toEqual([
      ["2024-09", "BilledCost", "10"],
      ["2024-09", "EffectiveCost", "10"],
      ["2024-10", "BilledCost", "3"],
      ["2024-10", "EffectiveCost", "3"],
    ]);
  });

  it.each(["2024-09", "202413"])("refuse the invoice month %s with its line", async (month) => {
    await expect(mapBill([{}, {}, { invoice: { month } }])).rejects.toThrow(
      /is no invoice month.*line 3, column invoice\.month/,
    );
  });
});

describe("GCP-8 projects and spot", () => {
  it.each([[null], [undefined], [{ id: null }]])("give no sub account for project %j", async (project) => {
    const row = await mapRow({ project });

    expect([row["SubAccountId"], row["SubAccountName"], row["SubAccountType"]]).toEqual([null, null, null]);
  });

  it.each(["Spot Preemptible E2", "Preemptible N1", "Spot N2"])("price %s dynamically", async (description) => {
    expect((await mapRow({ sku: { id: "S", description } }))["PricingCategory"]).toBe("Dynamic");
  });
});

describe("the FOCUS columns of a Google bill", () => {
  it("convert to USD where the bill has a conversion rate", async () => {
    const row = await mapRow({ currency: "EUR", currency_conversion_rate: "0.8" });

    expect([row["BillingCurrency"], row["PricingCurrency"], money(row["PricingCurrencyEffectiveCost"])]).toEqual([
      "EUR",
      "USD",
      "12.5",
    ]);
  });

  it("name the seller as provider of third-party services", async () => {
    const row = await mapRow({ transaction_type: "THIRD_PARTY_RESELLER", seller_name: "Example, Inc." });

    expect([row["ServiceProviderName"], row["HostProviderName"], row["BillingAccountId"]]).toEqual([
      "Example, Inc.",
      "Google Cloud",
      "01F9C2-7A3B5D-E84A60",
    ]);
  });

  it("leave region null for multi-regions, and keep the location (X-6)", async () => {
    const row = await mapRow({ location: { location: "us", region: null } });

    expect([row["RegionId"], row["AvailabilityZone"], row["x_Location"]]).toEqual([null, null, "us"]);
  });

  it.each([
    ["Vertex AI", "Gemini Pro Input Text", "AI and Machine Learning", "Generative AI"],
    ["Vertex AI", "Online Prediction N1 Core", "AI and Machine Learning", "Machine Learning"],
    ["Claude Sonnet", "Input tokens", "AI and Machine Learning", "Generative AI"],
    ["BigQuery", "Analysis", "Databases", "Other (Databases)"],
    ["New Service", "x", "Other", "Other (Other)"],
  ])("categorise %s, %s (X-7)", async (description, sku, category, subcategory) => {
    const row = await mapRow({ service: { id: "1", description }, sku: { id: "2", description: sku } });

    expect([row["ServiceCategory"], row["ServiceSubcategory"]]).toEqual([category, subcategory]);
  });

  it("have no quantities on a Tax and none consumed outside Usage (X-10)", async () => {
    const names = ["PricingQuantity", "ConsumedQuantity", "SkuId"];
    const tax = await mapRow({ cost_type: "tax" });
    const adjustment = await mapRow({ cost_type: "adjustment" });

    expect(names.map((name) => tax[name])).toEqual([null, null, null]);
    expect(names.map((name) => adjustment[name] === null)).toEqual([false, true, false]);
  });

  it("count in pricing units what is too large for a decimal (X-10)", async () => {
    const row = await mapRow({
      usage: { amount: 2.6e21, unit: "byte-seconds", amount_in_pricing_units: 934, pricing_unit: "gibibyte month" },
    });

    expect([money(row["ConsumedQuantity"]), row["ConsumedUnit"], row["x_UsageAmount"]]).toEqual([
      "934",
      "gibibyte month",
      "2.6e+21",
    ]);
  });

  it("tell an unused capacity reservation", async () => {
    const row = await mapRow({
      system_labels: [
        { key: "compute.googleapis.com/reservation_name", value: "res-1" },
        { key: "compute.googleapis.com/is_unused_reservation", value: "true" },
      ],
    });

    expect([row["CapacityReservationId"], row["CapacityReservationStatus"]]).toEqual(["res-1", "Unused"]);
  });
});
