import { GenOpsError } from "../core/errors.ts";
import type { CatalogService, CloudBillingApi } from "../ports/cloud-billing.ts";
import { findPrices, type ListPrice, type PriceQuery } from "../prices/list/find-prices.ts";
import { type SyncedPrices, syncPrices } from "../prices/list/sync-prices.ts";
import type { Runtime } from "./runtime.ts";

export interface PriceSync extends SyncedPrices {
  service: string;
  serviceName: string;
  currency: string;
}

/** Google's billing and catalog APIs; adapter and SDK are loaded only then. */
export async function openCloudBilling({
  clock,
  randomness,
  credentials,
}: Pick<Runtime, "clock" | "randomness" | "credentials">): Promise<CloudBillingApi> {
  const { createCloudBillingApi } = await import("../platforms/gcp/cloud-billing.ts");
  return createCloudBillingApi({ clock, randomness, createCredentials: () => credentials.gcp() });
}

/** Takes the present list prices of services, named by id or display name, into the lake. */
export async function syncListPrices(
  runtime: Runtime,
  { services, currency }: { services: readonly string[]; currency: string },
  catalog: Pick<CloudBillingApi, "services" | "skus">,
): Promise<PriceSync[]> {
  const wanted = await findServices(catalog, services);
  const synced: PriceSync[] = [];
  for (const { id: service, name: serviceName } of wanted) {
    const skus = catalog.skus(service, currency);
    const { clock, randomness } = runtime;
    const result = await runtime.withCosts((deps) =>
      syncPrices({ ...deps, clock, randomness }, { provider: "gcp", service, serviceName, currency, skus }),
    );
    synced.push({ service, serviceName, currency, ...result });
  }
  return synced;
}

async function findServices(
  catalog: Pick<CloudBillingApi, "services">,
  names: readonly string[],
): Promise<CatalogService[]> {
  const known: CatalogService[] = [];
  for await (const service of catalog.services()) known.push(service);
  return names.map((wanted) => {
    const found = known.find(({ id, name }) => id === wanted || name.toLowerCase() === wanted.toLowerCase());
    if (found !== undefined) return found;
    throw new GenOpsError("usage", `Google's catalog has no service "${wanted}"`);
  });
}

export function findListPrices(runtime: Runtime, query: PriceQuery): Promise<ListPrice[]> {
  return runtime.withCosts((deps) => findPrices(deps, { asOf: runtime.asOf, ...query }));
}
