import { FOCUS_COLUMNS, focusRowsSql } from "../../../../shared/ingestion/focus/schema.ts";
import { type SqlEngine, sqlName, sqlText } from "../../../../shared/ports/sql-engine.ts";

/** Cells as text; what is not given is null. */
export type Cells = Readonly<Record<string, string | null>>;

/** A row that breaks no rule. */
export const GOOD_ROW: Cells = {
  BilledCost: "1.5",
  EffectiveCost: "1.5",
  ListCost: "2",
  ContractedCost: "1.5",
  ListUnitPrice: "1",
  ContractedUnitPrice: "0.75",
  PricingQuantity: "2",
  PricingUnit: "Hours",
  ConsumedQuantity: "2",
  ConsumedUnit: "Hours",
  PricingCurrency: "USD",
  PricingCurrencyEffectiveCost: "1.5",
  BillingAccountId: "012345678901",
  BillingAccountType: "Billing Account",
  BillingCurrency: "USD",
  BillingPeriodStart: "2024-09-01T00:00:00Z",
  BillingPeriodEnd: "2024-10-01T00:00:00Z",
  ChargePeriodStart: "2024-09-03T00:00:00Z",
  ChargePeriodEnd: "2024-09-03T01:00:00Z",
  ChargeCategory: "Usage",
  ChargeFrequency: "Usage-Based",
  PricingCategory: "Standard",
  HostProviderName: "AWS",
  ServiceProviderName: "AWS",
  InvoiceIssuerName: "Amazon Web Services, Inc.",
  ServiceCategory: "Compute",
  ServiceSubcategory: "Virtual Machines",
  ServiceName: "Amazon EC2",
  SkuId: "SKU1",
  SkuPriceId: "SKU1.A",
  Tags: '{"team":"ai-research"}',
};

/** Creates a table of whole FOCUS rows; each row is GOOD_ROW with changes. `x_` cells become columns of their own. */
export async function createRows(engine: SqlEngine, table: string, changes: readonly Cells[]): Promise<void> {
  const names = [...new Set([...FOCUS_COLUMNS.map(({ name }) => name), ...changes.flatMap((row) => Object.keys(row))])];
  const selects = changes.map((change) => {
    const row: Cells = { ...GOOD_ROW, ...change };
    return `SELECT ${names.map((name) => `${literal(row[name])} AS ${sqlName(name)}`).join(", ")}`;
  });
  const columns = names.map((name) => ({ name, type: "VARCHAR" }));
  await engine.run(`CREATE OR REPLACE TABLE ${table} AS ${focusRowsSql(selects.join("\nUNION ALL\n"), columns)}`);
}

function literal(value: string | null | undefined): string {
  return value === null || value === undefined ? "NULL::VARCHAR" : sqlText(value);
}
