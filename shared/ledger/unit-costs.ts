import path from "node:path";
import { GenOpsError } from "../core/errors.ts";
import type { Month } from "../core/period.ts";
import type { Lake } from "../ports/object-store.ts";
import type { SqlEngine } from "../ports/sql-engine.ts";
import { sqlText } from "../ports/sql-engine.ts";
import { parquetOf, writeParquetFile } from "./collect/write-rows.ts";
import { DIMENSION_SQL } from "./dimensions.ts";
import type { CostsQuery, OpenCostsDeps } from "./open-costs.ts";
import { readVersions } from "./open-costs.ts";
import type { PeriodVersion } from "./versions.ts";

/** Raised when the same rows would give other unit costs. */
const UNITS_FORMAT = 1;

/**
 * Quantity and cost by day and price: what a rule about unit costs reads. Kept beside the cube, since quantities of different units do not add up
 * and a cube by price would be much larger than one of costs. DECIMAL(38,18) each.
 */
const COLUMNS = `${DIMENSION_SQL["date"]} AS date, ${DIMENSION_SQL["provider"]} AS provider, coalesce(ServiceName, '') AS service, SkuId AS sku,
  coalesce(ConsumedUnit, PricingUnit, '') AS unit, ${DIMENSION_SQL["currency"]} AS currency, sum(EffectiveCost) AS effective, sum(ListCost) AS list,
  sum(CASE WHEN ConsumedUnit IS NULL THEN PricingQuantity ELSE ConsumedQuantity END) AS quantity, count(*) AS rows`;

/** Under `cube/`, so that it goes when its version goes, and is in the primary lake for whoever reads costs. */
function unitsKey({ source, billingPeriod, id }: Pick<PeriodVersion, "source" | "billingPeriod" | "id">): string {
  return `cube/units-${UNITS_FORMAT}/source=${source}/billing_period=${billingPeriod}/version=${id}.parquet`;
}

/**
 * Makes the relation `name` with the unit costs of some billing periods: `date`, `provider`, `service`, `sku`, `unit`, `currency`, `effective`,
 * `list`, `quantity`, `rows`; used Usage only, without corrections. What is not built yet is built. Left out, and given back by source: versions whose
 * rows are neither here nor built by whoever has them, and those that stay in place as daily groups, which have no quantities.
 */
export async function openUnitCosts(
  deps: OpenCostsDeps,
  query: Pick<CostsQuery, "asOf" | "sources"> & { billingPeriods: readonly Month[] },
  name = "unit_costs",
): Promise<string[]> {
  const files: string[] = [];
  const missing = new Set<string>();
  for (const version of await readVersions(deps.lake, query)) {
    const file = await ensureUnitCosts(deps, version);
    if (file === undefined) missing.add(version.source);
    else files.push(file);
  }
  const from = files.length === 0 ? EMPTY : `SELECT * FROM ${parquetOf(files)}`;
  await deps.engine.run(`CREATE OR REPLACE TEMP VIEW ${name} AS ${from}`);
  return [...missing];
}

/** Local path of a version's unit costs, built now if they do not exist yet; undefined where they cannot be had. */
export async function ensureUnitCosts(
  deps: { lake: Lake; engine: SqlEngine; workDir: string },
  version: PeriodVersion,
): Promise<string | undefined> {
  const key = unitsKey(version);
  return (await fileIfThere(deps.lake, key)) ?? (await build(deps, version, key));
}

async function build(
  { lake, engine, workDir }: { lake: Lake; engine: SqlEngine; workDir: string },
  version: PeriodVersion,
  key: string,
): Promise<string | undefined> {
  const { inPlace, parts } = version;
  // Daily groups of rows that stay in place have no quantities.
  if (inPlace !== undefined) return undefined;
  const rows = await Promise.all(parts.map((part) => lake.getFile(part.key))).catch((error: unknown) => {
    // L10: the rows stay where they are; who has them builds this.
    if (error instanceof GenOpsError && error.code === "refused") return undefined;
    throw error;
  });
  if (rows === undefined) return undefined;
  const file = path.join(workDir, `units-${version.id}.parquet`);
  await writeParquetFile(engine, unitsSelect(parquetOf(rows, ", union_by_name = true")), file);
  await lake.putFile(key, file);
  return lake.getFile(key);
}

function unitsSelect(rows: string): string {
  const used = `ChargeCategory = ${sqlText("Usage")} AND ChargeClass IS NULL AND SkuId IS NOT NULL
  AND coalesce(CommitmentDiscountStatus, '') <> 'Unused'`;
  return `SELECT * FROM (SELECT ${COLUMNS} FROM ${rows} WHERE ${used} GROUP BY ALL) WHERE quantity > 0`;
}

async function fileIfThere(lake: Lake, key: string): Promise<string | undefined> {
  return lake.getFile(key).catch((error: unknown) => {
    if (error instanceof GenOpsError && error.code === "unavailable") return undefined;
    throw error;
  });
}

const EMPTY = `SELECT NULL::DATE AS date, ${["provider", "service", "sku", "unit", "currency"].map((column) => `NULL::VARCHAR AS ${column}`).join(", ")},
${["effective", "list", "quantity"].map((column) => `NULL::DECIMAL(38,18) AS ${column}`).join(", ")}, NULL::BIGINT AS rows WHERE false`;
