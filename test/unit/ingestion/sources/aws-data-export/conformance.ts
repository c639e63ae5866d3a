import columns from "../../../../../shared/ingestion/focus/columns.json" with { type: "json" };
import type { SqlRow } from "../../../../../shared/ports/sql-engine.ts";

interface Column {
  name: string;
  type: string;
  allowNulls: boolean;
  allowedValues: string[] | null;
  parentValues?: Record<string, string[]>;
}

/** Every way in which rows break the FOCUS column list or the row rules of `reference/focus.md` section 5. */
export function conformanceFaults(rows: readonly SqlRow[]): string[] {
  const known = columns as Column[];
  const faults = new Set<string>();
  for (const row of rows) {
    const found = [
      ...known.flatMap((column) => cellFaults(column, row)),
      ...Object.entries(ROW_RULES).flatMap(([rule, holds]) => (holds(row) ? [] : [`${rule}: ${JSON.stringify(row)}`])),
      ...Object.keys(row)
        .filter((name) => !name.startsWith("x_") && !known.some((column) => column.name === name))
        .map((name) => `${name} is no FOCUS column`),
    ];
    for (const fault of found) faults.add(fault);
  }
  return [...faults];
}

function cellFaults(column: Column, row: SqlRow): string[] {
  const value = row[column.name] ?? null;
  if (value === null) return column.allowNulls ? [] : [`${column.name} is null`];
  if (value === "") return [`${column.name} is empty`];
  if (column.allowedValues !== null && !column.allowedValues.includes(String(value)))
    return [`${column.name}: ${String(value)}`];
  const siblings = column.parentValues?.[String(row["ServiceCategory"])];
  if (column.parentValues !== undefined && !siblings?.includes(String(value)))
    return [`${column.name}: ${String(value)} has no such parent`];
  if (column.type === "json" && !isJson(String(value))) return [`${column.name}: not JSON`];
  return [];
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const isNull = (row: SqlRow, name: string): boolean => (row[name] ?? null) === null;

const ROW_RULES: Readonly<Record<string, (row: SqlRow) => boolean>> = {
  "the charge period has a length": (row) => String(row["ChargePeriodStart"]) < String(row["ChargePeriodEnd"]),
  "the billing period has a length": (row) => String(row["BillingPeriodStart"]) < String(row["BillingPeriodEnd"]),
  "commitment columns come together": (row) =>
    isNull(row, "CommitmentDiscountId") === isNull(row, "CommitmentDiscountType") &&
    isNull(row, "CommitmentDiscountId") === isNull(row, "CommitmentDiscountCategory"),
  "committed usage is used or unused": (row) =>
    isNull(row, "CommitmentDiscountStatus") ===
    (isNull(row, "CommitmentDiscountId") || row["ChargeCategory"] !== "Usage"),
  "capacity reservation status comes with its id": (row) =>
    isNull(row, "CapacityReservationStatus") || !isNull(row, "CapacityReservationId"),
  "unit and quantity come together (X-10)": (row) =>
    isNull(row, "ConsumedUnit") === isNull(row, "ConsumedQuantity") &&
    isNull(row, "PricingUnit") === isNull(row, "PricingQuantity"),
  "only used usage is consumed (X-10)": (row) =>
    isNull(row, "ConsumedQuantity") ||
    (row["ChargeCategory"] === "Usage" && row["CommitmentDiscountStatus"] !== "Unused"),
  "tax has neither price nor SKU": (row) =>
    row["ChargeCategory"] !== "Tax" ||
    ["PricingQuantity", "SkuId", "SkuPriceId", "ListUnitPrice"].every((name) => isNull(row, name)),
  "a purchase is never usage-based (X-8)": (row) =>
    row["ChargeCategory"] !== "Purchase" || row["ChargeFrequency"] !== "Usage-Based",
  "usage and purchases have a pricing category (X-9)": (row) =>
    !isNull(row, "PricingCategory") === ["Usage", "Purchase"].includes(String(row["ChargeCategory"])),
  "a sub account has a type": (row) => isNull(row, "SubAccountId") === isNull(row, "SubAccountType"),
};
