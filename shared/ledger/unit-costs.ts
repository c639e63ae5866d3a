import type { Month } from "../core/period.ts";
import { sqlText } from "../ports/sql-engine.ts";
import { type BesideCube, ensureBeside, openBeside } from "./beside-cube.ts";
import { parquetOf } from "./collect/write-rows.ts";
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

const UNITS: BesideCube = { folder: `units-${UNITS_FORMAT}`, select: unitsSelect };

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
  const { files, missing } = await openBeside(deps, UNITS, await readVersions(deps.lake, query));
  const from = files.length === 0 ? EMPTY : `SELECT * FROM ${parquetOf(files)}`;
  await deps.engine.run(`CREATE OR REPLACE TEMP VIEW ${name} AS ${from}`);
  return missing;
}

/** Local path of a version's unit costs, built now if they do not exist yet; undefined where they cannot be had. */
export function ensureUnitCosts(deps: OpenCostsDeps, version: PeriodVersion): Promise<string | undefined> {
  return ensureBeside(deps, UNITS, version);
}

function unitsSelect(rows: string): string {
  const used = `ChargeCategory = ${sqlText("Usage")} AND ChargeClass IS NULL AND SkuId IS NOT NULL
  AND coalesce(CommitmentDiscountStatus, '') <> 'Unused'`;
  return `SELECT * FROM (SELECT ${COLUMNS} FROM ${rows} WHERE ${used} GROUP BY ALL) WHERE quantity > 0`;
}

const EMPTY = `SELECT NULL::DATE AS date, ${["provider", "service", "sku", "unit", "currency"].map((column) => `NULL::VARCHAR AS ${column}`).join(", ")},
${["effective", "list", "quantity"].map((column) => `NULL::DECIMAL(38,18) AS ${column}`).join(", ")}, NULL::BIGINT AS rows WHERE false`;
