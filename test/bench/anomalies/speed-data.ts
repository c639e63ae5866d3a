import { join } from "node:path";
import { addDays } from "../../../shared/core/period.ts";
import type { SqlEngine } from "../../../shared/ports/sql-engine.ts";

export const SERIES = 10_000;
export const DAYS = 90;
export const HOURS = 30 * 24;
export const FIRST_DAY = "2026-05-01";
export const LAST_DAY: string = addDays(FIRST_DAY, DAYS);
export const CUBE = "cube.parquet";
export const HOURLY = "hourly.parquet";

/** Weekly rhythm, noise of a few per cent, and now and then a day of twice the cost: what a detector has to look at closely. */
const cost = (day: string) => `(10 + series % 97) * (1 + 0.2 * sin(6.283 * (${day}) / 7))
  * (0.97 + 0.06 * (hash(series, period) % 1000) / 1000) * (CASE WHEN hash(period, series) % 2000 = 0 THEN 2 ELSE 1 END)`;

/** The two newest days are still coming in. */
const LATE = `(CASE period WHEN ${DAYS - 1} THEN 0.86 WHEN ${DAYS - 2} THEN 0.98 ELSE 1 END)`;

/** A daily cube with 10,000 combinations of cloud, account and service, and as many series by the hour. */
export async function writeSpeedData(engine: SqlEngine, folder: string): Promise<void> {
  await engine.run(`COPY (SELECT DATE '${FIRST_DAY}' + period::INTEGER AS date, 'USD' AS currency, 'Usage' AS charge_category,
      ['aws', 'azure', 'gcp'][1 + series % 3] AS provider, 'account-' || series % 999 AS account,
      'service-' || series // 999 AS service, (${LATE} * ${cost("period")})::DECIMAL(38,18) AS effective
    FROM (SELECT n % ${DAYS} AS period, n // ${DAYS} AS series FROM (SELECT range AS n FROM range(${SERIES * DAYS})))
    ORDER BY date) TO '${join(folder, CUBE)}' (FORMAT parquet, COMPRESSION zstd)`);
  await engine.run(`COPY (SELECT 'series-' || series AS series, period AS hour, (${cost("period / 24")})::DECIMAL(38,18) AS cost
    FROM (SELECT n % ${HOURS} AS period, n // ${HOURS} AS series FROM (SELECT range AS n FROM range(${SERIES * HOURS})))
    ORDER BY period) TO '${join(folder, HOURLY)}' (FORMAT parquet, COMPRESSION zstd)`);
}
