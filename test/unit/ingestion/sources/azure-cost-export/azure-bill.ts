import path from "node:path";
import type { SourceConfigOf } from "../../../../../shared/config/types.ts";
import { azureCostExportSource } from "../../../../../shared/ingestion/sources/azure-cost-export/index.ts";
import type { Bill } from "../../../../../shared/ingestion/sources/bill.ts";
import type { SqlEngine, SqlRow } from "../../../../../shared/ports/sql-engine.ts";
import { FIXTURES, type MappedBill, mapFiles, type TestFile, withBill } from "../support.ts";

export type Cells = Readonly<Record<string, string>>;

export const CONFIG: SourceConfigOf<"azure-cost-export"> = {
  id: "azure",
  type: "azure-cost-export",
  actual: "actual.csv",
  amortized: "amortized.csv",
};

export const RESERVATION = "/providers/Microsoft.Capacity/reservationOrders/A1/reservations/B1";
export const PLAN = "/providers/Microsoft.BillingBenefits/savingsPlanOrders/A2/savingsPlans/B2";
const SUBSCRIPTION = "11aa22bb-0001-4000-8000-0000000000a1";

/** A plain day of an EA bill; a test changes what its rule is about. */
export const EA_USAGE: Cells = {
  BillingAccountId: "8611537",
  BillingAccountName: "Example",
  BillingPeriodStartDate: "09/01/2024",
  BillingPeriodEndDate: "09/30/2024",
  SubscriptionId: SUBSCRIPTION,
  SubscriptionName: "dev",
  Date: "09/03/2024",
  Product: "Virtual Machines Dsv5 Series - D4s v5 - EU West",
  MeterCategory: "Virtual Machines",
  MeterSubCategory: "Dsv5 Series",
  MeterName: "D4s v5",
  Quantity: "10",
  EffectivePrice: "0.2",
  Cost: "2",
  UnitPrice: "0.2",
  PayGPrice: "0.25",
  BillingCurrency: "USD",
  ResourceLocation: "EastUS",
  ConsumedService: "Microsoft.Compute",
  ResourceId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/Web-1`,
  UnitOfMeasure: "1 Hour",
  ChargeType: "Usage",
  Frequency: "UsageBased",
  PublisherType: "Azure",
  PricingModel: "OnDemand",
};

/** The same day of an MCA bill in EUR, priced in USD. */
export const MCA_USAGE: Cells = {
  invoiceId: "G07",
  billingAccountId: "acc:1",
  billingAccountName: "Account",
  billingProfileId: "PROFILE",
  billingProfileName: "Profile",
  billingPeriodStartDate: "09/01/2024",
  billingPeriodEndDate: "09/30/2024",
  date: "09/03/2024",
  consumedService: "Microsoft.Compute",
  meterName: "D4s v5",
  meterCategory: "Virtual Machines",
  ProductId: "DZH318Z08MC4",
  ProductName: "D4s v5",
  SubscriptionId: SUBSCRIPTION,
  subscriptionName: "dev",
  publisherType: "Azure",
  resourceLocation: "westeurope",
  quantity: "10",
  unitOfMeasure: "1 Hour",
  chargeType: "Usage",
  billingCurrency: "EUR",
  pricingCurrency: "USD",
  costInBillingCurrency: "1.8",
  costInPricingCurrency: "2",
  paygCostInBillingCurrency: "2.25",
  exchangeRatePricingToBilling: "0.9",
  PayGPrice: "0.25",
  frequency: "UsageBased",
  pricingModel: "OnDemand",
  unitPrice: "0.2",
};

/** CSV of rows; the header is every key that occurs. */
export function csvOf(rows: readonly Cells[], delimiter = ","): string {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const line = (cells: readonly string[]) => cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter);
  return `${[line(names), ...rows.map((row) => line(names.map((name) => row[name] ?? "")))].join("\n")}\n`;
}

export interface Given {
  actual?: readonly Cells[];
  amortized?: readonly Cells[];
}

function filesOf(given: Given): TestFile[] {
  return (["actual", "amortized"] as const).flatMap((role) => {
    const rows = given[role];
    if (rows === undefined) return [];
    return [{ role, name: `${role}.csv`, content: csvOf(rows.map((row, index) => ({ ...row, Seq: String(index) }))) }];
  });
}

/** The rows come in the order in which they were given; the engine keeps none. */
export async function mapAzure(given: Given, config: Partial<typeof CONFIG> = {}): Promise<MappedBill> {
  const mapped = await mapFiles(azureCostExportSource, { ...CONFIG, ...config }, filesOf(given));
  mapped.rows.sort((a, b) => Number(a["x_Seq"]) - Number(b["x_Seq"]));
  return mapped;
}

/** Maps EA rows that are EA_USAGE but for the cells given, as the only file of the source. */
export async function mapActual(rows: readonly Cells[], base: Cells = EA_USAGE): Promise<SqlRow[]> {
  return (await mapAzure({ actual: rows.map((row) => ({ ...base, ...row })) })).rows;
}

export function withAzure<R>(given: Given, use: (bill: Bill, engine: SqlEngine) => Promise<R>): Promise<R> {
  return withBill(azureCostExportSource, CONFIG, filesOf(given), use);
}

/** Opens published bills: the first is the actual file, the second the amortized one. */
export function withFixtures<R>(
  [actual, amortized]: readonly string[],
  config: Partial<typeof CONFIG>,
  use: (bill: Bill, engine: SqlEngine) => Promise<R>,
): Promise<R> {
  const file = (role: "actual" | "amortized", name: string | undefined): TestFile[] =>
    name === undefined ? [] : [{ role, path: path.join(FIXTURES, name) }];
  return withBill(
    azureCostExportSource,
    { ...CONFIG, ...config },
    [...file("actual", actual), ...file("amortized", amortized)],
    use,
  );
}
