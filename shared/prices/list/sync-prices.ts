import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import path from "node:path";
import { GenOpsError } from "../../core/errors.ts";
import { canonicalJson } from "../../core/json.ts";
import { readSql } from "../../ingestion/read-sql.ts";
import { writeParquetFile } from "../../ledger/collect/write-rows.ts";
import { readDocument, writeDocument } from "../../ledger/json-document.ts";
import type { Clock } from "../../ports/clock.ts";
import type { CatalogSku } from "../../ports/cloud-billing.ts";
import type { Lake } from "../../ports/object-store.ts";
import type { Randomness } from "../../ports/randomness.ts";
import { type SqlEngine, sqlText } from "../../ports/sql-engine.ts";
import {
  assertPriceListId,
  type PriceList,
  type PriceListId,
  PriceListSchema,
  type PriceVersion,
  priceListKey,
  priceVersionKey,
} from "./price-list.ts";

export interface SyncDeps {
  lake: Lake;
  engine: SqlEngine;
  /** Private folder. */
  workDir: string;
  clock: Clock;
  randomness: Randomness;
}

export interface SyncInput extends PriceListId {
  serviceName: string;
  skus: AsyncIterable<CatalogSku>;
}

export interface SyncedPrices {
  status: "replaced" | "unchanged";
  skus: number;
  /** Prices that are new or different. */
  changed: number;
  /** SKUs that are no longer listed. */
  delisted: number;
}

/** A list with less than half of the SKUs that were known is an answer that broke off, not a price list. */
const LEAST_SHARE = 0.5;

/**
 * Takes a provider's list prices of one service into the lake as a new version, if anything is different. Of two runs at once one wins;
 * the other finds nothing different.
 */
export async function syncPrices(deps: SyncDeps, input: SyncInput): Promise<SyncedPrices> {
  assertPriceListId(input);
  const { engine, lake, clock, randomness } = deps;
  const listed = await writeListed(input, path.join(deps.workDir, "listed.ndjson"));
  if (listed.skus === 0) throw new GenOpsError("refused", `the catalog lists no prices of service ${input.service}`);
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE listed_prices AS ${LISTED_SQL.replace("$file", sqlText(listed.file))}`,
  );
  for (;;) {
    const read = await readDocument(lake, priceListKey(input), PriceListSchema);
    const before = read?.value.versions.at(-1);
    const takenAt = clock.now().toISOString();
    await openKnown(deps, before, takenAt);
    const { changed, delisted } = await difference(engine, before, listed.skus);
    if (changed === 0 && delisted === 0) return { status: "unchanged", skus: listed.skus, changed, delisted };
    const id = `${takenAt.replace(/[-:.]/g, "")}-${randomness.id().slice(0, 8)}`;
    const version = { id, takenAt, key: priceVersionKey(input, id), skus: listed.skus };
    await storeVersion(deps, version.key);
    if (await writeDocument(lake, priceListKey(input), PriceListSchema, withVersion(read?.value, input, version), read))
      return { status: "replaced", skus: listed.skus, changed, delisted };
    await lake.delete(version.key);
  }
}

async function storeVersion({ engine, lake, workDir }: SyncDeps, key: string): Promise<void> {
  const file = path.join(workDir, "prices.parquet");
  const timeline = readSql(import.meta.url, "timeline.sql");
  await writeParquetFile(engine, `SELECT * FROM (${timeline}) ORDER BY sku, effective_from`, file);
  await lake.putFile(key, file);
  await rm(file, { force: true });
}

function withVersion(before: PriceList | undefined, input: SyncInput, version: PriceVersion): PriceList {
  const { provider, service, serviceName, currency } = input;
  return { provider, service, serviceName, currency, versions: [...(before?.versions ?? []), version] };
}

/** Amounts are texts until the engine reads them; `price` is what makes two prices the same. */
const LISTED_SQL = `SELECT provider, service, service_name, sku, description, resource_family, resource_group, usage_type, regions, currency,
    instant(effective_from) AS effective_from, usage_unit, base_unit, base_unit_factor,
    list_transform(tiers, lambda t: {'from': money(t."from"), 'unit_price': money(t.unit_price)}) AS tiers,
    price
  FROM read_ndjson($file, columns = {provider: 'VARCHAR', service: 'VARCHAR', service_name: 'VARCHAR', sku: 'VARCHAR', description: 'VARCHAR',
    resource_family: 'VARCHAR', resource_group: 'VARCHAR', usage_type: 'VARCHAR', regions: 'VARCHAR[]', currency: 'VARCHAR',
    effective_from: 'VARCHAR', usage_unit: 'VARCHAR', base_unit: 'VARCHAR', base_unit_factor: 'VARCHAR',
    tiers: 'STRUCT("from" VARCHAR, unit_price VARCHAR)[]', price: 'VARCHAR'})`;

async function writeListed(input: SyncInput, file: string): Promise<{ file: string; skus: number }> {
  const stream = createWriteStream(file);
  let skus = 0;
  for await (const sku of input.skus) {
    const rows = pricesOf(input, sku);
    if (rows.length > 0) skus++;
    for (const row of rows) if (!stream.write(`${JSON.stringify(row)}\n`)) await once(stream, "drain");
  }
  stream.end();
  await once(stream, "finish");
  return { file, skus };
}

/** One row per price; a SKU without one is not for sale. */
function pricesOf({ provider, service, serviceName, currency }: SyncInput, sku: CatalogSku): Record<string, unknown>[] {
  return sku.prices.map(({ effectiveFrom, usageUnit, baseUnit, baseUnitFactor, tiers, ...price }) => {
    if (price.currency !== currency && tiers.length > 0) {
      throw new GenOpsError(
        "refused",
        `the catalog prices SKU ${sku.id} in "${price.currency}" instead of ${currency}`,
      );
    }
    const rates = tiers.map(({ from, unitPrice }) => ({ from, unit_price: unitPrice }));
    return {
      provider,
      service,
      service_name: serviceName,
      sku: sku.id,
      description: sku.description,
      resource_family: sku.resourceFamily,
      resource_group: sku.resourceGroup,
      usage_type: sku.usageType,
      regions: sku.regions,
      currency,
      effective_from: effectiveFrom,
      usage_unit: usageUnit,
      base_unit: baseUnit,
      base_unit_factor: baseUnitFactor,
      tiers: rates,
      price: canonicalJson([usageUnit, baseUnit, baseUnitFactor, rates]),
    };
  });
}

/** Makes `known_prices` and `taken`, which the timeline is made of. */
async function openKnown(
  { engine, lake }: SyncDeps,
  version: PriceVersion | undefined,
  takenAt: string,
): Promise<void> {
  const from =
    version === undefined
      ? "(SELECT *, NULL::TIMESTAMP AS delisted_at FROM listed_prices WHERE false)"
      : `read_parquet(${sqlText(await lake.getFile(version.key))})`;
  await engine.run(`CREATE OR REPLACE TEMP VIEW known_prices AS SELECT * FROM ${from}`);
  await engine.run(`CREATE OR REPLACE TEMP TABLE taken AS SELECT instant(${sqlText(takenAt)}) AS taken_at`);
}

async function difference(
  engine: SqlEngine,
  before: PriceVersion | undefined,
  listed: number,
): Promise<{ changed: number; delisted: number }> {
  if (before !== undefined && listed < before.skus * LEAST_SHARE) {
    throw new GenOpsError(
      "refused",
      `the catalog lists ${listed} SKUs instead of ${before.skus}: that is no price list; nothing was changed`,
    );
  }
  // A SKU that is listed again has changed as well.
  const [row] = await engine.query(`SELECT
      (SELECT count(*) FROM listed_prices n
        LEFT JOIN (SELECT sku, arg_max(price, effective_from) AS price, bool_or(delisted_at IS NOT NULL) AS gone FROM known_prices GROUP BY sku) l
          ON l.sku = n.sku
        WHERE n.price IS DISTINCT FROM l.price OR l.gone) AS changed,
      (SELECT count(DISTINCT sku) FROM known_prices WHERE delisted_at IS NULL AND sku NOT IN (SELECT sku FROM listed_prices)) AS delisted`);
  return { changed: Number(row?.["changed"] ?? 0), delisted: Number(row?.["delisted"] ?? 0) };
}
