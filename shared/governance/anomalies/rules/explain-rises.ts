import { parseDecimal } from "../../../core/decimal.ts";
import type { Contributor, Observation } from "../../../core/finding.ts";
import { type SqlEngine, type SqlRow, sqlName, sqlText } from "../../../ports/sql-engine.ts";

const CONTRIBUTORS = 5;
const KEY_JSON = '[{"i":"INTEGER","day":"DATE","currency":"VARCHAR","v":["VARCHAR"]}]';

/** The same observations with the services and accounts that rose most since the day before, by one query for all of them. */
export async function explainRises<T extends Observation>(
  engine: SqlEngine,
  { cubeRelation, by }: { cubeRelation: string; by: readonly string[] },
  observations: readonly T[],
): Promise<T[]> {
  if (observations.length === 0) return [];
  const keys = observations.map(({ scope, period, currency }, i) => ({
    i,
    day: period.start,
    currency,
    v: by.map((name) => scope[name]?.[0] ?? ""),
  }));
  const rows = await engine.query(risesSql(cubeRelation, by), [JSON.stringify(keys)]);
  const byObservation = Map.groupBy(rows, (row) => Number(row["i"]));
  return observations.map((seen, i) => ({
    ...seen,
    evidence: { ...seen.evidence, contributors: (byObservation.get(i) ?? []).map(contributor) },
  }));
}

function risesSql(cubeRelation: string, by: readonly string[]): string {
  const on = [
    "(c.date = k.day OR c.date = k.day - 1)",
    "c.currency = k.currency",
    ...by.map((name, index) => `coalesce(CAST(c.${sqlName(name)} AS VARCHAR), '') = k.v[${index + 1}]`),
  ];
  return `WITH keys AS MATERIALIZED (SELECT unnest(from_json($1, ${sqlText(KEY_JSON)}), recursive := true)),
rises AS (
  SELECT k.i, c.service, c.account, sum(CASE WHEN c.date = k.day THEN c.effective ELSE -c.effective END) AS rise
  FROM ${sqlName(cubeRelation)} c JOIN keys k ON ${on.join(" AND ")} WHERE c.charge_category = 'Usage' GROUP BY ALL)
SELECT i, service, account, rise FROM rises WHERE rise > 0
QUALIFY row_number() OVER (PARTITION BY i ORDER BY rise DESC, service, account) <= ${CONTRIBUTORS}
ORDER BY i, rise DESC, service, account`;
}

function contributor(row: SqlRow): Contributor {
  const keys = { service: String(row["service"] ?? ""), account: String(row["account"] ?? "") };
  return { keys, amount: parseDecimal(String(row["rise"])) };
}
