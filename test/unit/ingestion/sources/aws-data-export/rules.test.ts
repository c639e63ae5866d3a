import { describe, expect, it } from "vitest";
import { mapRows, PLAN, pick, RESERVATION, USAGE } from "./bill-text.ts";

const COVERED = {
  line_item_line_item_type: "SavingsPlanCoveredUsage",
  savings_plan_savings_plan_a_r_n: PLAN,
  savings_plan_savings_plan_effective_cost: "3",
};
const NEGATION = { line_item_line_item_type: "SavingsPlanNegation", savings_plan_savings_plan_a_r_n: PLAN, line_item_unblended_cost: "-4" };
const PLAN_FEE = {
  line_item_line_item_type: "SavingsPlanRecurringFee",
  savings_plan_savings_plan_a_r_n: PLAN,
  line_item_unblended_cost: "12",
  savings_plan_total_commitment_to_date: "12",
  savings_plan_used_commitment: "9",
};
const RI_FEE = {
  line_item_line_item_type: "RIFee",
  reservation_reservation_a_r_n: RESERVATION,
  line_item_unblended_cost: "7",
  reservation_unused_amortized_upfront_fee_for_billing_period: "1",
  reservation_unused_recurring_fee: "2.5",
};
const MONEY = ["ChargeCategory", "CommitmentDiscountStatus", "BilledCost", "EffectiveCost"];

describe("AWS line item types", () => {
  it("refuses a type that no rule covers, by name (AWS-1)", async () => {
    const { checks } = await mapRows([{}, { line_item_line_item_type: "MysteryFee" }]);
    expect(Object.keys(checks)).toEqual([expect.stringContaining("AWS-1")]);
    expect(Object.values(checks)[0]).toMatchObject([{ value: "MysteryFee", column_name: "line_item_line_item_type" }]);
  });

  it("refuses an empty type (AWS-1)", async () => {
    const { checks } = await mapRows([{ line_item_line_item_type: "" }]);
    expect(Object.keys(checks)).toEqual([expect.stringContaining("AWS-1")]);
  });

  it.each([
    ["Usage", "Usage", "4", "4"],
    ["EdpDiscount", "Usage", "4", "4"],
    ["PrivateRateDiscount", "Usage", "4", "4"],
    ["BundledDiscount", "Usage", "4", "4"],
    ["Discount", "Usage", "4", "4"],
    ["Tax", "Tax", "4", "4"],
    ["Credit", "Credit", "4", "4"],
    ["Fee", "Purchase", "4", "4"],
    ["SavingsPlanUpfrontFee", "Purchase", "4", "0"],
  ])("maps %s to %s (AWS-3)", async (type, category, billed, effective) => {
    const { rows } = await mapRows([{ line_item_line_item_type: type }]);
    expect(pick(rows, ...MONEY)).toEqual([[category, null, billed, effective]]);
  });

  it("bills covered usage at 0, keeps its amortised cost and drops the negation (AWS-3, AWS-5)", async () => {
    const { rows, checks, accounting } = await mapRows([COVERED, NEGATION]);
    expect(pick(rows, ...MONEY)).toEqual([["Usage", "Used", "0", "3"]]);
    expect(pick(rows, "CommitmentDiscountId", "CommitmentDiscountType", "CommitmentDiscountCategory")).toEqual([[PLAN, "Savings Plan", "Spend"]]);
    expect(checks).toEqual({});
    expect(accounting.map((line) => line["rows"])).toEqual(["2", "0", "-1", "0"]);
  });

  it("refuses a plan whose negation leaves a residue (AWS-5)", async () => {
    const { checks } = await mapRows([COVERED, { ...NEGATION, line_item_unblended_cost: "-3.99" }]);
    expect(Object.entries(checks)).toEqual([
      [expect.stringContaining("AWS-5"), [expect.objectContaining({ value: `${PLAN}: 0.010000000000000000` })]],
    ]);
  });

  it("splits a savings plan fee into its purchase and what nobody used (AWS-3, AWS-4)", async () => {
    const { rows, control } = await mapRows([PLAN_FEE]);
    expect(pick(rows, ...MONEY).sort()).toEqual([
      ["Purchase", null, "12", "0"],
      ["Usage", "Unused", "0", "3"],
    ]);
    expect(control.map((line) => line["amount"])).toEqual(["12.000000000000000000", "3.000000000000000000"]);
  });

  it("adds no unused row when a plan was used up (AWS-3)", async () => {
    const { rows, accounting } = await mapRows([{ ...PLAN_FEE, savings_plan_used_commitment: "12" }]);
    expect(pick(rows, ...MONEY)).toEqual([["Purchase", null, "12", "0"]]);
    expect(accounting.at(-1)?.["rows"]).toBe("0");
  });

  it("splits a reservation fee likewise (AWS-3)", async () => {
    const { rows } = await mapRows([RI_FEE]);
    expect(pick(rows, ...MONEY).sort()).toEqual([
      ["Purchase", null, "7", "0"],
      ["Usage", "Unused", "0", "3.5"],
    ]);
  });

  it("reads the reservation's effective cost for discounted usage (AWS-3)", async () => {
    const row = { line_item_line_item_type: "DiscountedUsage", reservation_reservation_a_r_n: RESERVATION, reservation_effective_cost: "1.5" };
    const { rows } = await mapRows([row]);
    expect(pick(rows, ...MONEY, "CommitmentDiscountType", "CommitmentDiscountCategory")).toEqual([
      ["Usage", "Used", "0", "1.5", "Reserved Instance", "Usage"],
    ]);
  });

  it("gives a fee with a commitment's ARN no effective cost (AWS-3)", async () => {
    const { rows } = await mapRows([{ line_item_line_item_type: "Fee", reservation_reservation_a_r_n: RESERVATION }]);
    expect(pick(rows, ...MONEY, "CommitmentDiscountId")).toEqual([["Purchase", null, "4", "0", RESERVATION]]);
  });
});

describe("AWS net costs", () => {
  const net = { line_item_net_unblended_cost: "3.8" };

  it("takes net costs once any row of the bill has one; empty ones are 0 for discounts, gross otherwise (AWS-2)", async () => {
    const { rows, control } = await mapRows([
      { ...net, identity_line_item_id: "a" },
      { identity_line_item_id: "b" },
      { identity_line_item_id: "c", line_item_line_item_type: "EdpDiscount", line_item_unblended_cost: "-0.2" },
    ]);
    expect(pick(rows, "x_LineItemId", "BilledCost").sort()).toEqual([
      ["a", "3.8"],
      ["b", "4"],
      ["c", "0"],
    ]);
    expect(control[0]?.["amount"]).toBe("7.800000000000000000");
  });

  it("stays gross while no row has a net cost (AWS-2)", async () => {
    const { rows } = await mapRows([{}, { line_item_line_item_type: "EdpDiscount", line_item_unblended_cost: "-0.2", line_item_net_unblended_cost: "" }]);
    expect(pick(rows, "BilledCost").sort()).toEqual([["-0.2"], ["4"]]);
  });

  it("decides per billing period (AWS-2)", async () => {
    const { rows, control } = await mapRows([
      { ...net, identity_line_item_id: "a" },
      { identity_line_item_id: "b", line_item_line_item_type: "EdpDiscount", line_item_unblended_cost: "-0.2" },
      {
        identity_line_item_id: "c",
        line_item_line_item_type: "EdpDiscount",
        line_item_unblended_cost: "-0.3",
        bill_billing_period_start_date: "2024-08-01T00:00:00.000Z",
        line_item_usage_start_date: "2024-08-03T00:00:00.000Z",
        line_item_usage_end_date: "2024-08-04T00:00:00.000Z",
      },
    ]);
    expect(pick(rows, "x_LineItemId", "BilledCost").sort()).toEqual([
      ["a", "3.8"],
      ["b", "0"],
      ["c", "-0.3"],
    ]);
    expect(control.filter((line) => line["metric"] === "BilledCost").map((line) => line["amount"]).sort()).toEqual([
      "-0.300000000000000000",
      "3.800000000000000000",
    ]);
  });

  it("reads amortisation columns net where they are filled (AWS-2)", async () => {
    const { rows } = await mapRows([
      { ...COVERED, ...net, savings_plan_net_savings_plan_effective_cost: "2.7" },
      { ...COVERED, ...net, savings_plan_net_savings_plan_effective_cost: "" },
      { ...NEGATION, line_item_unblended_cost: "-8", line_item_net_unblended_cost: "-7.6" },
    ]);
    expect(pick(rows, "EffectiveCost").sort()).toEqual([["2.7"], ["3"]]);
  });

  it("scales the unused part of a plan by its net share, multiplying first (AWS-4)", async () => {
    const commitment = {
      savings_plan_amortized_upfront_commitment_for_billing_period: "0",
      savings_plan_recurring_commitment_for_billing_period: "3",
      savings_plan_net_amortized_upfront_commitment_for_billing_period: "0",
      savings_plan_net_recurring_commitment_for_billing_period: "2",
    };
    const { rows, control } = await mapRows([{ ...PLAN_FEE, ...commitment, line_item_net_unblended_cost: "11" }]);
    expect(pick(rows, "BilledCost", "EffectiveCost").sort()).toEqual([
      ["0", "2"],
      ["11", "0"],
    ]);
    expect(control.map((line) => line["amount"])).toEqual(["11.000000000000000000", "2.000000000000000000"]);
  });

  it("takes the unused part whole when the net share is empty or its divisor 0 (AWS-4)", async () => {
    const zero = {
      savings_plan_amortized_upfront_commitment_for_billing_period: "0",
      savings_plan_recurring_commitment_for_billing_period: "0",
      savings_plan_net_amortized_upfront_commitment_for_billing_period: "0",
      savings_plan_net_recurring_commitment_for_billing_period: "0",
    };
    const { rows } = await mapRows([
      { ...PLAN_FEE, line_item_net_unblended_cost: "11" },
      { ...PLAN_FEE, ...zero, line_item_net_unblended_cost: "11" },
    ]);
    expect(pick(rows.filter((row) => row["ChargeCategory"] === "Usage"), "EffectiveCost")).toEqual([["3"], ["3"]]);
  });
});

describe("AWS refunds", () => {
  const refund = { line_item_line_item_type: "Refund", line_item_unblended_cost: "-1" };
  const COLUMNS = ["ChargeCategory", "BilledCost", "EffectiveCost", "ChargeClass"];

  it("are usage with a usage type, adjustments without (AWS-6)", async () => {
    const { rows } = await mapRows([refund, { ...refund, line_item_usage_type: "" }]);
    expect(pick(rows, ...COLUMNS).sort()).toEqual([
      ["Adjustment", "-1", "-1", null],
      ["Usage", "-1", "-1", null],
    ]);
  });

  it("are purchases without effective cost when they name a commitment (AWS-6)", async () => {
    const { rows } = await mapRows([{ ...refund, savings_plan_savings_plan_a_r_n: PLAN }]);
    expect(pick(rows, ...COLUMNS, "ChargeFrequency")).toEqual([["Purchase", "-1", "0", null, "One-Time"]]);
  });

  it("are corrections exactly when they reach back before the billing period (AWS-6)", async () => {
    const { rows } = await mapRows([
      { ...refund, line_item_usage_start_date: "2024-08-31T23:00:00Z", line_item_usage_end_date: "2024-09-01T00:00:00Z" },
      { line_item_usage_start_date: "2024-08-31T23:00:00Z" },
    ]);
    expect(pick(rows, "x_LineItemType", "ChargeClass").sort()).toEqual([
      ["Refund", "Correction"],
      ["Usage", null],
    ]);
  });
});

describe("AWS split cost rows", () => {
  const split = { split_line_item_parent_resource_id: "i-1", line_item_unblended_cost: "0" };

  it("emit no row and are accounted for (AWS-7)", async () => {
    const { rows, accounting, checks } = await mapRows([{}, split]);
    expect(rows).toHaveLength(1);
    expect(accounting.map((line) => line["rows"])).toEqual(["2", "-1", "0", "0"]);
    expect(checks).toEqual({});
  });

  it("are refused with a cost of their own (AWS-7)", async () => {
    const { checks } = await mapRows([{}, { ...split, line_item_unblended_cost: "0.1" }]);
    expect(Object.keys(checks)).toEqual([expect.stringContaining("AWS-7")]);
  });
});

describe("AWS trimmed reports", () => {
  it("leave a fee's money where it was billed when nothing tells what was unused (AWS-8)", async () => {
    const { rows, bill } = await mapRows([
      { line_item_line_item_type: "RIFee", reservation_reservation_a_r_n: RESERVATION },
      { line_item_line_item_type: "SavingsPlanRecurringFee", savings_plan_savings_plan_a_r_n: PLAN },
    ]);
    expect(pick(rows, ...MONEY, "x_AmortizationMissing")).toEqual([
      ["Purchase", null, "4", "4", true],
      ["Purchase", null, "4", "4", true],
    ]);
    expect(bill.messages.join()).toContain("2 commitment rows lack amortisation columns");
  });

  it("take the cost of discounted usage without its effective cost (AWS-8)", async () => {
    const { rows } = await mapRows([{ line_item_line_item_type: "DiscountedUsage", line_item_unblended_cost: "0.5" }]);
    expect(pick(rows, "BilledCost", "EffectiveCost", "x_AmortizationMissing")).toEqual([["0", "0.5", true]]);
  });

  it("never take a commitment from the resource id (AWS-8)", async () => {
    const { rows } = await mapRows([{ line_item_line_item_type: "RIFee", line_item_resource_id: RESERVATION }]);
    expect(pick(rows, "CommitmentDiscountId", "ResourceId")).toEqual([[null, RESERVATION]]);
  });

  it("end a charge with the line item's interval, or a second after it began (AWS-8)", async () => {
    const { rows } = await mapRows([
      { line_item_usage_end_date: "", identity_time_interval: "2024-09-03T00:00:00Z/2024-09-04T00:00:00Z" },
      { line_item_usage_end_date: "2024-09-03T00:00:00Z" },
    ]);
    expect(pick(rows, "ChargePeriodEnd").sort()).toEqual([["2024-09-03 00:00:01"], ["2024-09-04 00:00:00"]]);
  });

  it("take the payer and the currency from the configuration (AWS-8)", async () => {
    const { rows } = await mapRows([{ bill_payer_account_id: "", line_item_currency_code: "" }], { billingAccountId: "0042", currency: "EUR" });
    expect(pick(rows, "BillingAccountId", "BillingCurrency")).toEqual([["0042", "EUR"]]);
  });

  it("are refused where rows have neither", async () => {
    const { checks } = await mapRows([{ bill_payer_account_id: "", line_item_currency_code: "" }]);
    expect(Object.keys(checks)).toEqual([expect.stringContaining("`currency`"), expect.stringContaining("`billingAccountId`")]);
  });

  it("belong to the calendar month of their charge without a billing period (X-2)", async () => {
    const { rows } = await mapRows([{ bill_billing_period_start_date: "" }]);
    expect(pick(rows, "BillingPeriodStart", "BillingPeriodEnd")).toEqual([["2024-09-01 00:00:00", "2024-10-01 00:00:00"]]);
  });
});

describe("AWS tags", () => {
  const tagsOf = async (text: string): Promise<unknown> => {
    const { rows } = await mapRows([{ resource_tags: text }]);
    return JSON.parse(String(rows[0]?.["Tags"]));
  };

  it("lose `user_`, and `aws_` becomes `aws:` (AWS-9)", async () => {
    expect(await tagsOf('{"user_team": "ml", "aws_created_by": "x", "other": "user_y"}')).toEqual({
      team: "ml",
      "aws:created_by": "x",
      other: "user_y",
    });
  });

  it("keep keys that differ by case, values as delivered, and empty values as true (X-5)", async () => {
    const { rows } = await mapRows([{ resource_tags: '{"user_Team": "A \\"b\\"", "user_team": "=cmd()", "user_flag": "", "user_n": 5, "user_z": null}' }]);
    expect(rows[0]?.["Tags"]).toBe('{"Team": "A \\"b\\"", "team": "=cmd()", "flag": true, "n": 5, "z": null}');
  });

  it("are null when there are none (X-3)", async () => {
    const { rows } = await mapRows([{ resource_tags: "{}" }, { resource_tags: "" }]);
    expect(pick(rows, "Tags", "x_TagsRaw")).toEqual([
      [null, null],
      [null, null],
    ]);
  });

  it("are kept beside the row when they cannot be read", async () => {
    const { rows } = await mapRows([{ resource_tags: '{"broken' }]);
    expect(pick(rows, "Tags", "x_TagsRaw")).toEqual([[null, '{"broken']]);
  });
});

describe("AWS dimensions", () => {
  it.each([
    ["AmazonBedrock", "", "AI and Machine Learning", "Generative AI"],
    ["AmazonSageMaker", "", "AI and Machine Learning", "Machine Learning"],
    ["AmazonS3", "", "Storage", "Other (Storage)"],
    ["abc123", '{"product_name": "Claude (Amazon Bedrock Edition)"}', "AI and Machine Learning", "Generative AI"],
    ["abc123", '{"product_name": "Vector DB"}', "Other", "Other (Other)"],
  ])("puts %s %s into %s, %s (X-7)", async (code, product, category, subcategory) => {
    const { rows } = await mapRows([{ line_item_product_code: code, product }]);
    expect(pick(rows, "ServiceCategory", "ServiceSubcategory")).toEqual([[category, subcategory]]);
  });

  it("counts products without a category (X-7)", async () => {
    const { bill } = await mapRows([{ line_item_product_code: "abc123" }, {}]);
    expect(bill.messages).toEqual(["1 rows of products without a known category: abc123"]);
  });

  it.each([
    [{ line_item_line_item_type: "Usage" }, "Usage-Based", "Standard"],
    [{ line_item_usage_type: "SpotUsage:m5.large" }, "Usage-Based", "Dynamic"],
    [{ ...COVERED }, "Usage-Based", "Committed"],
    [{ line_item_line_item_type: "Fee", bill_bill_type: "Purchase" }, "One-Time", "Standard"],
    [{ line_item_line_item_type: "Fee", bill_bill_type: "Anniversary" }, "Recurring", "Standard"],
    [{ line_item_line_item_type: "SavingsPlanUpfrontFee" }, "One-Time", "Standard"],
    [{ line_item_line_item_type: "RIFee" }, "Recurring", "Standard"],
    [{ line_item_line_item_type: "Tax" }, "One-Time", null],
    [{ line_item_line_item_type: "Credit" }, "One-Time", null],
  ])("gives %j frequency %s and pricing category %s (X-8, X-9)", async (row, frequency, pricing) => {
    const { rows } = await mapRows([row]);
    expect(pick(rows, "ChargeFrequency", "PricingCategory")).toEqual([[frequency, pricing]]);
  });

  it("measures only what was used, in one unit (X-10)", async () => {
    const { rows } = await mapRows([
      { identity_line_item_id: "a" },
      { identity_line_item_id: "b", pricing_unit: "" },
      { identity_line_item_id: "c", line_item_line_item_type: "Tax" },
      { ...RI_FEE, identity_line_item_id: "d", reservation_unused_quantity: "9" },
    ]);
    expect(pick(rows, "x_LineItemId", "ChargeCategory", "ConsumedQuantity", "ConsumedUnit", "PricingQuantity", "PricingUnit").sort()).toEqual([
      ["a", "Usage", "2", "Hrs", "2", "Hrs"],
      ["b", "Usage", null, null, null, null],
      ["c", "Tax", null, null, null, null],
      ["d", "Purchase", null, null, "2", "Hrs"],
      ["d", "Usage", null, null, "9", "Hrs"],
    ]);
  });

  it("prices lists by cost, else rate times quantity, else what was billed (column table)", async () => {
    const { rows } = await mapRows([
      { pricing_public_on_demand_cost: "5", pricing_public_on_demand_rate: "9" },
      { pricing_public_on_demand_rate: "2.5" },
      {},
      { ...COVERED, pricing_public_on_demand_cost: "4.5" },
    ]);
    expect(pick(rows, "ListCost", "ContractedCost", "EffectiveCost").sort()).toEqual([
      ["4", "4", "4"],
      ["4.5", "4.5", "3"],
      ["5", "4", "4"],
      ["5", "4", "4"],
    ]);
  });

  it("names providers: the seller on the marketplace, AWS as host", async () => {
    const { rows } = await mapRows([{ bill_billing_entity: "AWS Marketplace", line_item_legal_entity: "Example, Inc.", bill_invoicing_entity: "AWS EMEA" }]);
    expect(pick(rows, "ServiceProviderName", "HostProviderName", "InvoiceIssuerName")).toEqual([["Example, Inc.", "AWS", "AWS EMEA"]]);
  });

  it("takes an ARN apart and leaves a global region out", async () => {
    const { rows } = await mapRows([
      { line_item_resource_id: "arn:aws:rds:us-east-1:1:db:orders", product_region_code: "us-east-1" },
      { line_item_resource_id: "arn:aws:eks:us-east-1:1:cluster/main", product_region: "global" },
      { line_item_resource_id: "arn:aws:s3:::bucket" },
      { line_item_resource_id: "i-1" },
    ]);
    expect(pick(rows, "ResourceType", "ResourceName", "RegionId").sort()).toEqual([
      ["ec2:instance", null, null],
      ["eks:cluster", "main", null],
      ["rds:db", "orders", "us-east-1"],
      ["s3", "bucket", null],
    ]);
  });

  it("takes a capacity reservation for what it is, not for a commitment", async () => {
    const id = "arn:aws:ec2:us-east-1:1:capacity-reservation/cr-1";
    const { rows } = await mapRows([
      { reservation_reservation_a_r_n: id },
      { reservation_reservation_a_r_n: id, line_item_usage_type: "UnusedBox:m5.large" },
    ]);
    expect(pick(rows, "CapacityReservationId", "CapacityReservationStatus", "CommitmentDiscountId", "PricingCategory").sort()).toEqual([
      [id, "Unused", null, "Standard"],
      [id, "Used", null, "Standard"],
    ]);
  });

  it("keeps ids as texts (X-4) and accepts exponents (X-1)", async () => {
    const { rows } = await mapRows([{ line_item_unblended_cost: "4.1E-7" }]);
    expect(pick(rows, "SubAccountId", "BilledCost")).toEqual([[USAGE["line_item_usage_account_id"], "0.00000041"]]);
  });

  it("describes a SKU by its product's attributes", async () => {
    const { rows } = await mapRows([{ product: '{"product_name": "EC2", "instance_type": "m5.large", "vcpu": "2", "note": ""}' }]);
    expect(pick(rows, "ServiceName", "SkuPriceDetails")).toEqual([["EC2", '{"x_InstanceType": "m5.large", "x_Vcpu": "2"}']]);
  });
});
