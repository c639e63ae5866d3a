import type { Month } from "../core/period.ts";
import { sqlText } from "../ports/sql-engine.ts";
import { type BesideCube, ensureBeside, openBeside } from "./beside-cube.ts";
import { parquetOf } from "./collect/write-rows.ts";
import { ACCOUNT_SQL, DIMENSION_SQL } from "./dimensions.ts";
import { type CostsQuery, type OpenCostsDeps, readVersions } from "./open-costs.ts";
import type { PeriodVersion } from "./versions.ts";

/** Raised when the same rows would give other hourly costs. */
const HOURS_FORMAT = 1;

/** What hourly costs are kept apart by, beside currency: few, as a month has 720 hours. */
export const HOURLY_DIMENSIONS = ["provider", "account", "service", "region"] as const;

const HOURS: BesideCube = { folder: `hours-${HOURS_FORMAT}`, select: hoursSelect };

/**
 * Makes the relation `name` with the hourly costs of some billing periods: `hour` (TIMESTAMP, UTC), `HOURLY_DIMENSIONS`, `currency`, `metered`,
 * `effective` DECIMAL(38,18), the same as `cost` DOUBLE for statistics, `rows`, and what the cube would say of all of them: `date`, `charge_category`, `team`. Only Usage whose charge period is shorter than a day: what is billed by the day says nothing about hours.
 * What is not built yet is built; of bills by the day the files are empty. Left out are the sources that only say how a bill is split, and
 * those given back: their rows are neither here nor built by whoever has them, or stay in place as daily groups.
 */
export async function openHourlyCosts(
  deps: OpenCostsDeps,
  query: Pick<CostsQuery, "asOf" | "sources" | "clusters"> & { billingPeriods: readonly Month[] },
  name = "hourly_costs",
): Promise<string[]> {
  const shares = new Set(query.clusters?.map(({ source }) => source));
  const versions = (await readVersions(deps.lake, query)).filter(({ source }) => !shares.has(source));
  const { files, missing } = await openBeside(deps, HOURS, versions);
  const from = files.length === 0 ? `(${EMPTY})` : parquetOf(files);
  await deps.engine.run(
    `CREATE OR REPLACE TEMP VIEW ${name} AS SELECT *, hour::DATE AS date, 'Usage' AS charge_category, 'unallocated' AS team FROM ${from}`,
  );
  return missing;
}

/** Local path of a version's hourly costs, built now if they do not exist yet; undefined where they cannot be had. */
export function ensureHourlyCosts(deps: OpenCostsDeps, version: PeriodVersion): Promise<string | undefined> {
  return ensureBeside(deps, HOURS, version);
}

/** A row belongs to the hour in which it begins, as in the cube to the day. In order of time, so that a few days are read alone. */
function hoursSelect(rows: string): string {
  return `SELECT date_trunc('hour', ChargePeriodStart)::TIMESTAMP AS hour, ${DIMENSION_SQL["provider"]} AS provider, ${ACCOUNT_SQL} AS account,
  ServiceName AS service, RegionId AS region, ${DIMENSION_SQL["currency"]} AS currency, ${DIMENSION_SQL["metered"]} AS metered,
  sum(EffectiveCost) AS effective, sum(EffectiveCost)::DOUBLE AS cost, count(*) AS rows
FROM ${rows} WHERE ChargeCategory = ${sqlText("Usage")} AND ChargePeriodEnd < ChargePeriodStart + INTERVAL 1 DAY GROUP BY ALL ORDER BY hour`;
}

const EMPTY = `SELECT NULL::TIMESTAMP AS hour, ${[...HOURLY_DIMENSIONS, "currency"].map((column) => `NULL::VARCHAR AS ${column}`).join(", ")},
NULL::BOOLEAN AS metered, NULL::DECIMAL(38,18) AS effective, NULL::DOUBLE AS cost, NULL::BIGINT AS rows WHERE false`;
