import * as z from "zod";
import { GenOpsError } from "../../core/errors.ts";
import { readDocument } from "../../ledger/json-document.ts";
import type { ObjectStore } from "../../ports/object-store.ts";

/** Whose prices, of which service, in which currency: one list each. */
export interface PriceListId {
  provider: "gcp";
  service: string;
  currency: string;
}

/** One look at a list that was different from the one before. Never overwritten: what was read then can be read again. */
export interface PriceVersion {
  id: string;
  /** Knowledge time. */
  takenAt: string;
  /** Object key of the Parquet file: the whole timeline of every SKU as known then. */
  key: string;
  /** SKUs that the provider listed. */
  skus: number;
}

export interface PriceList extends PriceListId {
  serviceName: string;
  /** By `takenAt`, ascending. Never empty. */
  versions: PriceVersion[];
}

export const PriceListSchema: z.ZodType<PriceList> = z.object({
  provider: z.literal("gcp"),
  service: z.string(),
  serviceName: z.string(),
  currency: z.string(),
  versions: z.array(z.object({ id: z.string(), takenAt: z.string(), key: z.string(), skus: z.number() })).min(1),
});

const FOLDER = "prices/";

function folderOf({ provider, service, currency }: PriceListId): string {
  return `${FOLDER}provider=${provider}/service=${service}/currency=${currency}`;
}

export function priceListKey(list: PriceListId): string {
  return `${folderOf(list)}/list.json`;
}

export function priceVersionKey(list: PriceListId, version: string): string {
  return `${folderOf(list)}/version=${version}.parquet`;
}

export async function listPriceLists(store: ObjectStore): Promise<PriceList[]> {
  const lists: PriceList[] = [];
  for await (const { key } of store.list(FOLDER)) {
    if (!key.endsWith("/list.json")) continue;
    const found = await readDocument(store, key, PriceListSchema);
    if (found !== undefined) lists.push(found.value);
  }
  return lists;
}

/** The version that was known at an instant; undefined: the newest. */
export function priceVersionAsOf({ versions }: PriceList, asOf: Date | undefined): PriceVersion | undefined {
  if (asOf === undefined) return versions.at(-1);
  return versions.findLast(({ takenAt }) => takenAt <= asOf.toISOString());
}

/** Catalog ids and currencies become parts of keys. */
export function assertPriceListId({ service, currency }: PriceListId): void {
  if (/^[\w-]+$/.test(service) && /^[A-Z]{3}$/.test(currency)) return;
  throw new GenOpsError("usage", `no price list of service "${service}" in "${currency}"`);
}
