import { parseDecimal } from "../../core/decimal.ts";
import type { Lake } from "../../ports/object-store.ts";
import { type SqlEngine, type SqlRow, sqlText } from "../../ports/sql-engine.ts";
import { listPriceLists, priceVersionAsOf } from "./price-list.ts";
import type { Tier } from "./tiered-cost.ts";

/** One list price of one SKU. */
export interface ListPrice {
  provider: string;
  service: string;
  serviceName: string;
  sku: string;
  description: string;
  usageType: string;
  regions: string[];
  currency: string;
  /** It holds from here on. */
  effectiveFrom: string;
  /** A price is per one of these: `h`, `GiBy.mo`. */
  usageUnit: string;
  baseUnit: string;
  baseUnitFactor: string;
  tiers: Tier[];
  /** The provider does not list it any more, since this instant. */
  delistedAt?: string;
}

export interface PriceQuery {
  service?: string | undefined;
  sku?: string | undefined;
  currency?: string | undefined;
  /** Words of the description, in any case. */
  search?: string | undefined;
  /** The usage's instant: of a SKU's prices the one that held then. Default: the newest. */
  at?: Date | undefined;
  /** Knowledge time. */
  asOf?: Date | undefined;
}

/** List prices that fit, one per SKU and currency. A SKU whose first known price is later than `at` has none. */
export async function findPrices(
  { lake, engine }: { lake: Lake; engine: SqlEngine },
  query: PriceQuery,
): Promise<ListPrice[]> {
  const lists = (await listPriceLists(lake)).filter(
    ({ service, currency }) =>
      (query.service === undefined || service === query.service) &&
      (query.currency === undefined || currency === query.currency),
  );
  const files: string[] = [];
  for (const list of lists) {
    const version = priceVersionAsOf(list, query.asOf);
    if (version !== undefined) files.push(await lake.getFile(version.key));
  }
  if (files.length === 0) return [];
  const rows =
    await engine.query(`SELECT * FROM read_parquet([${files.map(sqlText).join(", ")}]) WHERE ${conditions(query)}
    QUALIFY row_number() OVER (PARTITION BY service, sku, currency ORDER BY effective_from DESC) = 1 ORDER BY description, sku, currency`);
  return rows.map(listPrice);
}

function conditions({ sku, search, at }: PriceQuery): string {
  const words = (search ?? "").split(/\s+/).filter((word) => word !== "");
  return [
    "true",
    ...(sku === undefined ? [] : [`sku = ${sqlText(sku)}`]),
    ...words.map((word) => `contains(lower(description), ${sqlText(word.toLowerCase())})`),
    ...(at === undefined ? [] : [`effective_from <= instant(${sqlText(at.toISOString())})`]),
  ].join(" AND ");
}

function listPrice(row: SqlRow): ListPrice {
  const text = (name: string) => String(row[name]);
  const tiers = row["tiers"] as readonly { from: string; unit_price: string }[];
  return {
    provider: text("provider"),
    service: text("service"),
    serviceName: text("service_name"),
    sku: text("sku"),
    description: text("description"),
    usageType: text("usage_type"),
    regions: row["regions"] as string[],
    currency: text("currency"),
    effectiveFrom: instantText(text("effective_from")),
    usageUnit: text("usage_unit"),
    baseUnit: text("base_unit"),
    baseUnitFactor: text("base_unit_factor"),
    tiers: tiers.map(({ from, unit_price }) => ({ from: parseDecimal(from), unitPrice: parseDecimal(unit_price) })),
    ...(row["delisted_at"] === null ? {} : { delistedAt: instantText(text("delisted_at")) }),
  };
}

/** The engine's `2024-09-01 00:00:00` is UTC. */
function instantText(text: string): string {
  return new Date(`${text.replace(" ", "T")}Z`).toISOString();
}
