import type { BillCheck } from "../bill.ts";

/** Line item types of AWS-3 and the negation of AWS-5. */
const KNOWN_TYPES = [
  "Usage",
  "EdpDiscount",
  "PrivateRateDiscount",
  "BundledDiscount",
  "Discount",
  "SavingsPlanCoveredUsage",
  "SavingsPlanNegation",
  "SavingsPlanRecurringFee",
  "SavingsPlanUpfrontFee",
  "DiscountedUsage",
  "RIFee",
  "Fee",
  "Tax",
  "Credit",
  "Refund",
] as const;

const KNOWN = KNOWN_TYPES.map((type) => `'${type}'`).join(", ");

/** What no AWS bill may show. All of it is read from the sums of `aws_summary`. */
export const CHECKS: readonly BillCheck[] = [
  {
    message: "unknown line item type (AWS-1)",
    sql: `SELECT DISTINCT source_file, NULL::BIGINT AS "row", 'line_item_line_item_type' AS column_name, line_item_type AS "value"
      FROM aws_summary WHERE about = 'sums' AND coalesce(line_item_type NOT IN (${KNOWN}), TRUE)`,
  },
  {
    message: "covered usage and savings plan negation do not cancel out: the rest of this plan's sum (AWS-5)",
    sql: `SELECT min(source_file) AS source_file, NULL::BIGINT AS "row", 'line_item_unblended_cost' AS column_name,
        coalesce(savings_plan, 'no savings plan ARN') || ': ' || sum(CASE WHEN net_mode THEN net_cost ELSE gross_cost END) AS "value"
      FROM aws_summary JOIN aws_modes USING (mode_key)
      WHERE about = 'sums' AND NOT is_split AND line_item_type IN ('SavingsPlanCoveredUsage', 'SavingsPlanNegation')
      GROUP BY billing_period, currency, savings_plan
      HAVING sum(CASE WHEN net_mode THEN net_cost ELSE gross_cost END) <> 0`,
  },
  {
    message: "a split cost row has a cost of its own (AWS-7)",
    sql: `SELECT source_file, NULL::BIGINT AS "row", 'line_item_unblended_cost' AS column_name, largest_cost::VARCHAR AS "value"
      FROM aws_summary WHERE about = 'sums' AND is_split AND largest_cost <> 0`,
  },
  {
    message: "rows without a currency; set the source's `currency`",
    sql: `SELECT DISTINCT source_file, NULL::BIGINT AS "row", 'line_item_currency_code' AS column_name, NULL::VARCHAR AS "value"
      FROM aws_summary WHERE about = 'sums' AND currency IS NULL`,
  },
  {
    message: "rows without a payer account; set the source's `billingAccountId`",
    sql: `SELECT DISTINCT source_file, NULL::BIGINT AS "row", 'bill_payer_account_id' AS column_name, NULL::VARCHAR AS "value"
      FROM aws_summary WHERE about = 'sums' AND payer IS NULL`,
  },
];
