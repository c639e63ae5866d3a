import { type Duplex, Transform } from "node:stream";
import { parse } from "csv-parse";
import * as z from "zod";
import { type Decimal, formatDecimal, multiply, parseDecimal, subtract, ZERO } from "../../shared/core/decimal.ts";

const Money = z.string().transform((text) => (text === "" ? undefined : parseDecimal(text)));
const Text = z.string().transform((text) => (text === "" ? null : text));

/** The columns that the usual row-wise converter reads. */
const LineItem = z.object({
  bill_payer_account_id: Text,
  bill_billing_period_start_date: z.string(),
  bill_billing_entity: Text,
  bill_invoice_id: Text,
  line_item_line_item_type: z.string(),
  line_item_line_item_description: Text,
  line_item_usage_account_id: Text,
  line_item_usage_start_date: z.iso.datetime(),
  line_item_usage_end_date: z.iso.datetime(),
  line_item_currency_code: z.string().length(3),
  line_item_unblended_cost: Money,
  line_item_net_unblended_cost: Money,
  line_item_unblended_rate: Money,
  line_item_usage_amount: Money,
  line_item_usage_type: Text,
  line_item_product_code: z.string(),
  line_item_resource_id: Text,
  line_item_availability_zone: Text,
  pricing_unit: Text,
  pricing_public_on_demand_cost: Money,
  pricing_public_on_demand_rate: Money,
  product: z.string(),
  product_region_code: Text,
  product_sku: Text,
  reservation_effective_cost: Money,
  reservation_reservation_a_r_n: Text,
  reservation_unused_amortized_upfront_fee_for_billing_period: Money,
  reservation_unused_recurring_fee: Money,
  resource_tags: z.string(),
  savings_plan_savings_plan_a_r_n: Text,
  savings_plan_savings_plan_effective_cost: Money,
  savings_plan_total_commitment_to_date: Money,
  savings_plan_used_commitment: Money,
});
type LineItem = z.infer<typeof LineItem>;

/** The peer that the mapping is measured against: csv-parse, zod and AWS-3 in TypeScript, one row after the other, to JSON lines. */
export function mapRowByRow(): Duplex[] {
  const map = new Transform({
    writableObjectMode: true,
    transform(record: unknown, _encoding, done) {
      const item = LineItem.parse(record);
      done(
        null,
        chargesOf(item)
          .map((charge) => `${JSON.stringify(charge)}\n`)
          .join(""),
      );
    },
  });
  return [parse({ columns: true, bom: true }), map];
}

function chargesOf(item: LineItem): Record<string, unknown>[] {
  const cost = item.line_item_net_unblended_cost ?? item.line_item_unblended_cost ?? ZERO;
  switch (item.line_item_line_item_type) {
    case "SavingsPlanNegation":
      return [];
    case "SavingsPlanCoveredUsage":
      return [charge(item, "Usage", "Used", ZERO, item.savings_plan_savings_plan_effective_cost ?? ZERO)];
    case "DiscountedUsage":
      return [charge(item, "Usage", "Used", ZERO, item.reservation_effective_cost ?? cost)];
    case "SavingsPlanRecurringFee":
      return fee(
        item,
        cost,
        subtract(item.savings_plan_total_commitment_to_date ?? ZERO, item.savings_plan_used_commitment ?? ZERO),
      );
    case "RIFee":
      return fee(item, cost, item.reservation_unused_recurring_fee ?? ZERO);
    case "Tax":
    case "Credit":
      return [charge(item, item.line_item_line_item_type, null, cost, cost)];
    case "Fee":
      return [charge(item, "Purchase", null, cost, cost)];
    default:
      return [charge(item, "Usage", null, cost, cost)];
  }
}

function fee(item: LineItem, cost: Decimal, unused: Decimal): Record<string, unknown>[] {
  const purchase = charge(item, "Purchase", null, cost, ZERO);
  return unused === ZERO ? [purchase] : [purchase, charge(item, "Usage", "Unused", ZERO, unused)];
}

function charge(
  item: LineItem,
  category: string,
  status: string | null,
  billed: Decimal,
  effective: Decimal,
): Record<string, unknown> {
  const quantity = item.line_item_usage_amount;
  const rate = item.pricing_public_on_demand_rate;
  const list =
    item.pricing_public_on_demand_cost ??
    (rate !== undefined && quantity !== undefined ? multiply(rate, quantity) : billed);
  return {
    BilledCost: formatDecimal(billed),
    EffectiveCost: formatDecimal(effective),
    ListCost: formatDecimal(list),
    ListUnitPrice: rate === undefined ? null : formatDecimal(rate),
    PricingQuantity: quantity === undefined ? null : formatDecimal(quantity),
    PricingUnit: item.pricing_unit,
    BillingAccountId: item.bill_payer_account_id,
    SubAccountId: item.line_item_usage_account_id,
    BillingCurrency: item.line_item_currency_code,
    BillingPeriodStart: new Date(item.bill_billing_period_start_date).toISOString(),
    ChargePeriodStart: new Date(item.line_item_usage_start_date).toISOString(),
    ChargePeriodEnd: new Date(item.line_item_usage_end_date).toISOString(),
    ChargeCategory: category,
    ChargeDescription: item.line_item_line_item_description,
    CommitmentDiscountStatus: status,
    CommitmentDiscountId: item.savings_plan_savings_plan_a_r_n ?? item.reservation_reservation_a_r_n,
    InvoiceId: item.bill_invoice_id,
    RegionId: item.product_region_code,
    AvailabilityZone: item.line_item_availability_zone,
    ResourceId: item.line_item_resource_id,
    ServiceName: serviceName(item),
    SkuId: item.product_sku,
    SkuMeter: item.line_item_usage_type,
    Tags: tagsOf(item.resource_tags),
  };
}

function serviceName(item: LineItem): string {
  const product = JSON.parse(item.product) as { product_name?: string };
  return product.product_name ?? item.line_item_product_code;
}

function tagsOf(text: string): Record<string, unknown> {
  const tags = JSON.parse(text) as Record<string, unknown>;
  return Object.fromEntries(
    Object.entries(tags).map(([key, value]) => [key.replace(/^user_/, "").replace(/^aws_/, "aws:"), value]),
  );
}
