import { type Decimal, formatDecimal, fromScaled, multiply } from "../../shared/core/decimal.ts";
import { type Day, type Month, monthDays, monthOf } from "../../shared/core/period.ts";
import { type CloudProfile, type Owner, serviceNamed } from "./catalogue.ts";
import type { FocusRow } from "./focus-csv.ts";

/** Rows of earlier months are invoiced. */
const OPEN_MONTH: Month = "2024-09";
export const CURRENCY = "USD";

const TAGS: Readonly<Record<Owner, Readonly<Record<string, string>> | undefined>> = {
  perception: { team: "ai-research", environment: "prod", project: "perception", cost_center: "CC-1100" },
  planner: { team: "ai-research", environment: "dev", project: "planner", cost_center: "CC-1100" },
  fleet: { team: "product-engineering", environment: "prod", project: "fleet", cost_center: "CC-2100" },
  copilot: { team: "product-engineering", environment: "dev", project: "copilot", cost_center: "CC-2100" },
  portal: { team: "customer-success", environment: "prod", project: "portal", cost_center: "CC-3100" },
  untagged: undefined,
};
const ODD_KEYS: Readonly<Record<string, string>> = { team: "Team", environment: "env", cost_center: "CostCenter" };
const ACCOUNT_NAMES = ["Research", "Product", "Customer", "Shared"] as const;
const ACCOUNT_OF: Readonly<Record<Owner, 0 | 1 | 2 | 3>> = {
  perception: 0,
  planner: 0,
  fleet: 1,
  copilot: 1,
  portal: 2,
  untagged: 3,
};

/** What every row of a bill has: who, when, which service. */
export function baseRow(profile: CloudProfile, from: Day, to: Day, serviceName: string, owner: Owner): FocusRow {
  const service = serviceNamed(serviceName);
  const month = monthOf(from);
  const { start, end } = monthDays(month);
  const account = ACCOUNT_OF[owner];
  return {
    BillingAccountId: profile.billingAccount.id,
    BillingAccountName: "Northwind Robotics",
    BillingAccountType: profile.billingAccount.type,
    BillingCurrency: CURRENCY,
    BillingPeriodStart: instant(start),
    BillingPeriodEnd: instant(end),
    ChargePeriodStart: instant(from),
    ChargePeriodEnd: instant(to),
    InvoiceId: month < OPEN_MONTH ? `NWR-${profile.cloud.toUpperCase()}-${month}` : "",
    InvoiceIssuerName: profile.issuer,
    PricingCurrency: CURRENCY,
    ProviderName: profile.provider,
    PublisherName: profile.issuer,
    ServiceName: service.name,
    ServiceCategory: service.category,
    ServiceSubcategory: service.subcategory,
    SubAccountId: profile.subAccounts[account],
    SubAccountName: ACCOUNT_NAMES[account],
    SubAccountType: profile.subAccountType,
    Tags: tags(owner, false),
  };
}

/** Unit prices and what they give for a quantity. */
export function prices(list: Decimal, contracted: Decimal, quantity: Decimal): FocusRow {
  return {
    ListUnitPrice: formatDecimal(list),
    ContractedUnitPrice: formatDecimal(contracted),
    PricingCurrencyListUnitPrice: formatDecimal(list),
    PricingCurrencyContractedUnitPrice: formatDecimal(contracted),
    ListCost: formatDecimal(multiply(list, quantity)),
    ContractedCost: formatDecimal(multiply(contracted, quantity)),
  };
}

export interface Costs {
  billed: Decimal;
  effective: Decimal;
  list?: Decimal;
  contracted?: Decimal;
}

/** `list` and `contracted` only where no unit price decides them. */
export function costs({ billed, effective, list, contracted }: Costs): FocusRow {
  return {
    BilledCost: formatDecimal(billed),
    EffectiveCost: formatDecimal(effective),
    PricingCurrencyEffectiveCost: formatDecimal(effective),
    ...(list === undefined ? {} : { ListCost: formatDecimal(list) }),
    ...(contracted === undefined ? {} : { ContractedCost: formatDecimal(contracted) }),
  };
}

export function tags(owner: Owner, odd: boolean): string {
  const plain = TAGS[owner];
  if (plain === undefined) return "";
  if (!odd) return JSON.stringify(plain);
  return JSON.stringify(Object.fromEntries(Object.entries(plain).map(([key, value]) => [ODD_KEYS[key] ?? key, value])));
}

/** 6 fraction digits, the rest cut off; tiny prices keep all 6. */
export function cut(value: Decimal): string {
  return formatDecimal(fromScaled((value / 10n ** 12n) * 10n ** 12n));
}

function instant(day: Day): string {
  return `${day}T00:00:00Z`;
}

export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
