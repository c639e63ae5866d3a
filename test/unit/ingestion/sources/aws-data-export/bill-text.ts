import type { SourceConfigOf } from "../../../../../shared/config/types.ts";
import { awsDataExportSource } from "../../../../../shared/ingestion/sources/aws-data-export/index.ts";
import type { SqlRow } from "../../../../../shared/ports/sql-engine.ts";
import { type MappedBill, mapFiles, type TestFile } from "../support.ts";

export const CONFIG: SourceConfigOf<"aws-data-export"> = { id: "aws", type: "aws-data-export", location: "bill.csv" };

type Cells = Readonly<Record<string, string>>;

/** A plain hour of usage; a test changes what its rule is about. */
export const USAGE: Cells = {
  identity_line_item_id: "li1",
  bill_payer_account_id: "999900000001",
  bill_billing_period_start_date: "2024-09-01T00:00:00.000Z",
  line_item_line_item_type: "Usage",
  line_item_usage_account_id: "012345678901",
  line_item_usage_start_date: "2024-09-03T00:00:00.000Z",
  line_item_usage_end_date: "2024-09-03T01:00:00.000Z",
  line_item_product_code: "AmazonEC2",
  line_item_usage_type: "BoxUsage:m5.large",
  line_item_usage_amount: "2",
  line_item_currency_code: "USD",
  line_item_unblended_cost: "4",
  line_item_unblended_rate: "2",
  pricing_unit: "Hrs",
};

export const PLAN = "arn:aws:savingsplans::111122223333:savingsplan/plan-1";
export const RESERVATION = "arn:aws:ec2:us-east-1:111122223333:reserved-instances/ri-1";

export const COVERED = {
  line_item_line_item_type: "SavingsPlanCoveredUsage",
  savings_plan_savings_plan_a_r_n: PLAN,
  savings_plan_savings_plan_effective_cost: "3",
};
export const NEGATION = {
  line_item_line_item_type: "SavingsPlanNegation",
  savings_plan_savings_plan_a_r_n: PLAN,
  line_item_unblended_cost: "-4",
};
export const PLAN_FEE = {
  line_item_line_item_type: "SavingsPlanRecurringFee",
  savings_plan_savings_plan_a_r_n: PLAN,
  line_item_unblended_cost: "12",
  savings_plan_total_commitment_to_date: "12",
  savings_plan_used_commitment: "9",
};
export const RI_FEE = {
  line_item_line_item_type: "RIFee",
  reservation_reservation_a_r_n: RESERVATION,
  line_item_unblended_cost: "7",
  reservation_unused_amortized_upfront_fee_for_billing_period: "1",
  reservation_unused_recurring_fee: "2.5",
};

/** CSV of rows; the header is every key that occurs. */
export function csvOf(rows: readonly Cells[]): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly string[]): string => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(",");
  return `${[line(names), ...rows.map((row) => line(names.map((name) => row[name] ?? "")))].join("\n")}\n`;
}

/** Maps rows that are USAGE but for the cells given. */
export async function mapRows(rows: readonly Cells[], config: Partial<typeof CONFIG> = {}): Promise<MappedBill> {
  return mapBill([{ content: csvOf(rows.map((row) => ({ ...USAGE, ...row }))) }], config);
}

export async function mapBill(files: readonly TestFile[], config: Partial<typeof CONFIG> = {}): Promise<MappedBill> {
  const mapped = await mapFiles(awsDataExportSource, { ...CONFIG, ...config }, files);
  return { ...mapped, rows: mapped.rows.map(shortDecimals) };
}

/** `4.000000000000000000` → `4`, so that expectations read well. */
function shortDecimals(row: SqlRow): SqlRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === "string" && /^-?\d+\.\d{18}$/.test(value) ? value.replace(/\.?0+$/, "") : value,
    ]),
  );
}

export function pick(rows: readonly SqlRow[], ...names: string[]): unknown[][] {
  return rows.map((row) => names.map((name) => row[name]));
}
