/** Google Cloud's billing and catalog APIs, read only. Errors as in `billing-apis.ts`. Free of charge, but with small quotas. */
export interface CloudBillingApi {
  billingAccounts(): AsyncIterable<BillingAccount>;
  /** Projects that an account pays for. */
  projectsOf(billingAccount: string): AsyncIterable<ProjectBilling>;
  /** Which account pays for a project; undefined when none does. */
  accountOf(project: string): Promise<string | undefined>;
  services(): AsyncIterable<CatalogService>;
  /** Every SKU of a service with its list prices in that currency. */
  skus(service: string, currency: string): AsyncIterable<CatalogSku>;
}

export interface BillingAccount {
  /** `012345-567890-ABCDEF`. */
  id: string;
  name: string;
  open: boolean;
  /** The reseller's account above it. */
  parent?: string;
}

export interface ProjectBilling {
  project: string;
  billingAccount?: string;
  /** Whether billing is on; without it no paid service of the project runs. */
  enabled: boolean;
}

export interface CatalogService {
  /** `6F81-5844-456A`. */
  id: string;
  name: string;
}

export interface CatalogSku {
  id: string;
  service: string;
  serviceName: string;
  description: string;
  resourceFamily: string;
  resourceGroup: string;
  /** `OnDemand`, `Preemptible`, `Commit1Yr`, … */
  usageType: string;
  regions: readonly string[];
  prices: readonly CatalogPrice[];
}

/** Decimals are exact texts. */
export interface CatalogPrice {
  /** ISO 8601. */
  effectiveFrom: string;
  currency: string;
  /** A price is per one of these: `h`, `GiBy.mo`. */
  usageUnit: string;
  baseUnit: string;
  /** Base units in one usage unit. */
  baseUnitFactor: string;
  tiers: readonly PriceTier[];
}

export interface PriceTier {
  /** Usage from which on the price holds, in usage units. */
  from: string;
  unitPrice: string;
}
