import { describe, expect, it } from "vitest";
import { mapRows, PLAN, pick, RESERVATION } from "./bill-text.ts";

const MONEY = ["ChargeCategory", "CommitmentDiscountStatus", "BilledCost", "EffectiveCost"];

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
    const { rows } = await mapRows([{ bill_payer_account_id: "", line_item_currency_code: "" }], {
      billingAccountId: "0042",
      currency: "EUR",
    });
    expect(pick(rows, "BillingAccountId", "BillingCurrency")).toEqual([["0042", "EUR"]]);
  });

  it("are refused where rows have neither", async () => {
    const { checks } = await mapRows([{ bill_payer_account_id: "", line_item_currency_code: "" }]);
    expect(Object.keys(checks)).toEqual([
      expect.stringContaining("`currency`"),
      expect.stringContaining("`billingAccountId`"),
    ]);
  });

  it("belong to the calendar month of their charge without a billing period (X-2)", async () => {
    const { rows } = await mapRows([{ bill_billing_period_start_date: "" }]);
    expect(pick(rows, "BillingPeriodStart", "BillingPeriodEnd")).toEqual([
      ["2024-09-01 00:00:00", "2024-10-01 00:00:00"],
    ]);
  });
});
