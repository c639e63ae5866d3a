import { CURRENCIES } from "../../core/currency.ts";
import { sqlName, sqlText } from "../../ports/sql-engine.ts";
import { FOCUS_COLUMNS, type FocusColumn } from "./schema.ts";

/**
 * A rule of FOCUS 1.4 that one row can break by itself (`reference/focus.md` §5). Ids are stable; `docs/focus.md` lists them.
 */
export interface RowRule {
  /** `not-null:BilledCost`: kind, then what it is about. */
  id: string;
  message: string;
  /** The column whose value is shown as an example. */
  column: string;
  /** SQL that is true for a row that breaks the rule. */
  broken: string;
  /** Money or period of the row cannot be used: such a bill is refused. */
  refuses: boolean;
  /** Known gap of native vendor exports: there only a warning. */
  knownGap: boolean;
}

type Marks = Partial<Pick<RowRule, "refuses" | "knownGap">>;

function rule(id: string, column: string, message: string, broken: string, marks: Marks = {}): RowRule {
  return { id, column, message, broken, refuses: false, knownGap: false, ...marks };
}

/** Without these a row has no amount, or belongs to no account or period. */
const UNUSABLE_WITHOUT = new Set([
  "BilledCost",
  "EffectiveCost",
  "BillingCurrency",
  "BillingAccountId",
  "BillingPeriodStart",
  "BillingPeriodEnd",
  "ChargePeriodStart",
  "ChargePeriodEnd",
  "ChargeCategory",
]);

/** Columns that native exports are known to leave empty although FOCUS forbids it. */
const NULL_GAPS = new Set([
  "InvoiceIssuerName",
  "ServiceName",
  "ServiceCategory",
  "ServiceSubcategory",
  "PricingCurrencyEffectiveCost",
]);

/** Every row rule. */
export const ROW_RULES: readonly RowRule[] = [
  ...FOCUS_COLUMNS.filter((column) => !column.allowNulls).map(notNull),
  ...FOCUS_COLUMNS.flatMap(allowedValues),
  ...FOCUS_COLUMNS.flatMap(parentValue),
  ...FOCUS_COLUMNS.filter((column) => column.valueFormat === "Currency Format").map(currency),
  ...FOCUS_COLUMNS.filter((column) => column.numberRange?.includes("non-negative") ?? false).map(nonNegative),
  ...periodRules(),
  ...commitmentRules(),
  ...quantityRules(),
  ...priceRules(),
  ...otherRules(),
];

function notNull(column: FocusColumn): RowRule {
  return rule(`not-null:${column.name}`, column.name, `${column.name} is empty`, `${sqlName(column.name)} IS NULL`, {
    refuses: UNUSABLE_WITHOUT.has(column.name),
    knownGap: NULL_GAPS.has(column.name),
  });
}

function allowedValues(column: FocusColumn): RowRule[] {
  if (column.allowedValues === null) return [];
  const broken = `${sqlName(column.name)} NOT IN (${column.allowedValues.map(sqlText).join(", ")})`;
  return [rule(`allowed:${column.name}`, column.name, `${column.name} has a value that FOCUS does not allow`, broken)];
}

function parentValue(column: FocusColumn): RowRule[] {
  if (column.parentValues === undefined) return [];
  const pairs = Object.entries(column.parentValues).map(
    ([parent, values]) => `WHEN ${sqlText(parent)} THEN ${column.name} NOT IN (${values.map(sqlText).join(", ")})`,
  );
  const message = `${column.name} does not belong to its ServiceCategory`;
  return [rule(`parent:${column.name}`, column.name, message, `CASE ServiceCategory ${pairs.join(" ")} END`)];
}

function currency(column: FocusColumn): RowRule {
  const codes = [...CURRENCIES].map(sqlText).join(", ");
  const message = `${column.name} is no ISO 4217 code`;
  // The short list first: it settles nearly all rows.
  const broken = `${column.name} NOT IN ('USD', 'EUR') AND ${column.name} NOT IN (${codes})`;
  return rule(`currency:${column.name}`, column.name, message, broken, {
    refuses: column.name === "BillingCurrency",
  });
}

function nonNegative(column: FocusColumn): RowRule {
  return rule(`negative:${column.name}`, column.name, `${column.name} is negative`, `${column.name} < 0`, {
    knownGap: true,
  });
}

function periodRules(): RowRule[] {
  return [
    rule(
      "order:ChargePeriod",
      "ChargePeriodEnd",
      "the charge period ends before it starts",
      "ChargePeriodEnd < ChargePeriodStart",
      {
        refuses: true,
      },
    ),
    rule(
      "empty:ChargePeriod",
      "ChargePeriodEnd",
      "the charge period has no length",
      "ChargePeriodEnd = ChargePeriodStart",
      {
        knownGap: true,
      },
    ),
    rule(
      "order:BillingPeriod",
      "BillingPeriodEnd",
      "the billing period does not end after its start",
      "BillingPeriodEnd <= BillingPeriodStart",
      { refuses: true },
    ),
    rule(
      "month:BillingPeriod",
      "BillingPeriodStart",
      "the billing period does not start with a UTC month",
      "BillingPeriodStart <> date_trunc('month', BillingPeriodStart)",
    ),
  ];
}

function commitmentRules(): RowRule[] {
  const details = ["Category", "Type"].flatMap((part) => [
    rule(
      `commitment:${part}WithoutId`,
      `CommitmentDiscount${part}`,
      `CommitmentDiscount${part} without CommitmentDiscountId`,
      `CommitmentDiscount${part} IS NOT NULL AND CommitmentDiscountId IS NULL`,
    ),
    rule(
      `commitment:IdWithout${part}`,
      `CommitmentDiscount${part}`,
      `CommitmentDiscountId without CommitmentDiscount${part}`,
      `CommitmentDiscount${part} IS NULL AND CommitmentDiscountId IS NOT NULL`,
      { knownGap: true },
    ),
  ]);
  return [
    ...details,
    rule(
      "commitment:StatusWithoutId",
      "CommitmentDiscountStatus",
      "CommitmentDiscountStatus without CommitmentDiscountId",
      "CommitmentDiscountStatus IS NOT NULL AND CommitmentDiscountId IS NULL",
    ),
    rule(
      "commitment:UsageWithoutStatus",
      "CommitmentDiscountStatus",
      "Usage under a commitment without CommitmentDiscountStatus",
      "CommitmentDiscountStatus IS NULL AND CommitmentDiscountId IS NOT NULL AND ChargeCategory = 'Usage'",
      { knownGap: true },
    ),
  ];
}

/** */
function quantityRules(): RowRule[] {
  const units = ["Consumed", "Pricing", "CommitmentDiscount"].map((kind) =>
    rule(
      `unit:${kind}`,
      `${kind}Unit`,
      `${kind}Unit must be empty exactly when ${kind}Quantity is`,
      `(${kind}Unit IS NULL) <> (${kind}Quantity IS NULL)`,
      { knownGap: true },
    ),
  );
  return [
    ...units,
    rule(
      "quantity:Consumed",
      "ConsumedQuantity",
      "ConsumedQuantity on a row that is not used Usage",
      "ConsumedQuantity IS NOT NULL AND (ChargeCategory <> 'Usage' OR CommitmentDiscountStatus = 'Unused')",
      { knownGap: true },
    ),
    rule(
      "quantity:Tax",
      "PricingQuantity",
      "PricingQuantity on a Tax",
      "PricingQuantity IS NOT NULL AND ChargeCategory = 'Tax'",
      {
        knownGap: true,
      },
    ),
  ];
}

function priceRules(): RowRule[] {
  return ["List", "Contracted"].map((kind) =>
    rule(
      `price:${kind}`,
      `${kind}Cost`,
      `${kind}UnitPrice × PricingQuantity is not ${kind}Cost`,
      priceMismatch(`${kind}UnitPrice`, "PricingQuantity", `${kind}Cost`),
      { knownGap: true },
    ),
  );
}

/**
 * Relative tolerance 1e-6, and 1e-10 for the rounding of printed costs. Most rows end at the first WHEN, with one exact product. Absurd values,
 * which would overflow, are not compared.
 */
function priceMismatch(price: string, quantity: string, cost: string): string {
  const distance = `abs(times(${price}, ${quantity}) - ${cost})`;
  const comparable = `abs(${price}) < 1000000 AND abs(${quantity}) < 1000000000000 AND abs(${cost}) < 1000000000000`;
  return `CASE WHEN ${comparable} AND ChargeClass IS NULL THEN CASE
    WHEN ${distance} <= 0.0000000001 THEN false
    WHEN ${distance} >= 1000000000000 THEN true
    ELSE ${distance} * 1000000 > abs(${cost}) END END`;
}

function otherRules(): RowRule[] {
  return [
    rule(
      "pricing-category:Missing",
      "PricingCategory",
      "Usage or Purchase without PricingCategory",
      "PricingCategory IS NULL AND ChargeCategory IN ('Usage', 'Purchase') AND ChargeClass IS NULL",
      { knownGap: true },
    ),
    rule(
      "pricing-category:Tax",
      "PricingCategory",
      "PricingCategory on a Tax",
      "PricingCategory IS NOT NULL AND ChargeCategory = 'Tax'",
      { knownGap: true },
    ),
    rule(
      "frequency:Purchase",
      "ChargeFrequency",
      "a Purchase is Usage-Based",
      "ChargeCategory = 'Purchase' AND ChargeFrequency = 'Usage-Based'",
    ),
    rule(
      "sub-account:Type",
      "SubAccountType",
      "SubAccountType must be empty exactly when SubAccountId is",
      "(SubAccountType IS NULL) <> (SubAccountId IS NULL)",
      { knownGap: true },
    ),
    rule("sku:Tax", "SkuId", "SkuId on a Tax", "SkuId IS NOT NULL AND ChargeCategory = 'Tax'", { knownGap: true }),
    rule("sku-price:Tax", "SkuPriceId", "SkuPriceId on a Tax", "SkuPriceId IS NOT NULL AND ChargeCategory = 'Tax'", {
      knownGap: true,
    }),
  ];
}
