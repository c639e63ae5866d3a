import type { protos } from "@google-cloud/billing";
import { formatDecimal, fromScaled, parseDecimal, SCALE } from "../../core/decimal.ts";
import type { CatalogPrice, CatalogSku } from "../../ports/cloud-billing.ts";

type Sku = protos.google.cloud.billing.v1.ISku;
type PricingInfo = protos.google.cloud.billing.v1.IPricingInfo;
type Money = protos.google.type.IMoney;

const NANO = 10n ** BigInt(SCALE - 9);
const UNIT = 10n ** BigInt(SCALE);

/** A SKU of the catalog as the client gives it: numbers that are no money are doubles, money is units and nanos. */
export function catalogSku(service: string, sku: Sku): CatalogSku {
  const { category } = sku;
  return {
    id: sku.skuId ?? "",
    service,
    serviceName: category?.serviceDisplayName ?? "",
    description: sku.description ?? "",
    resourceFamily: category?.resourceFamily ?? "",
    resourceGroup: category?.resourceGroup ?? "",
    usageType: category?.usageType ?? "",
    regions: sku.serviceRegions ?? [],
    prices: (sku.pricingInfo ?? []).map(catalogPrice),
  };
}

function catalogPrice({ effectiveTime, pricingExpression: expression }: PricingInfo): CatalogPrice {
  const tiers = expression?.tieredRates ?? [];
  return {
    effectiveFrom: new Date(Number(effectiveTime?.seconds ?? 0) * 1000).toISOString(),
    currency: tiers[0]?.unitPrice?.currencyCode ?? "",
    usageUnit: expression?.usageUnit ?? "",
    baseUnit: expression?.baseUnit ?? "",
    baseUnitFactor: factorText(expression?.baseUnitConversionFactor ?? 0),
    tiers: tiers.map(({ startUsageAmount, unitPrice }) => ({
      from: decimalText(startUsageAmount ?? 0),
      unitPrice: formatDecimal(fromScaled(amountOf(unitPrice ?? {}))),
    })),
  };
}

/** Units and nanos have the same sign; nanos alone would lose every price of one unit and more. */
function amountOf({ units, nanos }: Money): bigint {
  return BigInt(String(units ?? 0)) * UNIT + BigInt(nanos ?? 0) * NANO;
}

/** A PiB for a month counts more bytes and seconds than a decimal holds. */
function factorText(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : decimalText(value);
}

/** The shortest decimal that is this double. */
function decimalText(value: number): string {
  return formatDecimal(parseDecimal(String(value)));
}
