import { type SqlEngine, sqlText } from "../../../../../shared/ports/sql-engine.ts";
import { loadCube } from "../../support.ts";

/** So much a day from one day to another, the end exclusive: usage on AWS in USD. */
export interface Span {
  from: string;
  until: string;
  account: string;
  service: string;
  team: string;
  effective: string;
}

/** Makes the relation `cube` anew with one row per day of each span. */
export async function loadSpans(engine: SqlEngine, spans: readonly Span[]): Promise<void> {
  await loadCube(engine, []);
  const values = spans.map(({ from, until, account, service, team, effective }) => {
    const texts = [account, service, team].map(sqlText).join(", ");
    return `(DATE '${from}', DATE '${until}', ${texts}, ${effective}::DECIMAL(38,18))`;
  });
  await engine.run(`INSERT INTO cube BY NAME SELECT day::DATE AS date, strftime(day, '%Y-%m') AS billing_period, 'test' AS source,
    'aws' AS provider, account, service, team, 'Usage' AS charge_category, 'USD' AS currency, false AS metered, effective, 1 AS rows
  FROM (SELECT *, unnest(generate_series(start, until - 1, INTERVAL 1 DAY)) AS day
    FROM (VALUES ${values.join(", ")}) AS span(start, until, account, service, team, effective))`);
}
