import { describe, expect, it } from "vitest";
import { COVERED, mapRows, NEGATION, PLAN, PLAN_FEE, pick, RESERVATION, RI_FEE } from "./bill-text.ts";

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
    expect(pick(rows, "CommitmentDiscountId", "CommitmentDiscountType", "CommitmentDiscountCategory")).toEqual([
      [PLAN, "Savings Plan", "Spend"],
    ]);
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
    const row = {
      line_item_line_item_type: "DiscountedUsage",
      reservation_reservation_a_r_n: RESERVATION,
      reservation_effective_cost: "1.5",
    };
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
    const { rows } = await mapRows([
      {},
      { line_item_line_item_type: "EdpDiscount", line_item_unblended_cost: "-0.2", line_item_net_unblended_cost: "" },
    ]);
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
    expect(
      control
        .filter((line) => line["metric"] === "BilledCost")
        .map((line) => line["amount"])
        .sort(),
    ).toEqual(["-0.300000000000000000", "3.800000000000000000"]);
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
    expect(
      pick(
        rows.filter((row) => row["ChargeCategory"] === "Usage"),
        "EffectiveCost",
      ),
    ).toEqual([["3"], ["3"]]);
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
      {
        ...refund,
        line_item_usage_start_date: "2024-08-31T23:00:00Z",
        line_item_usage_end_date: "2024-09-01T00:00:00Z",
      },
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
