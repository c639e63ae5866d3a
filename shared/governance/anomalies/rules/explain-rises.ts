import { parseDecimal } from "../../../core/decimal.ts";
import type { Contributor } from "../../../core/finding.ts";
import { type SqlEngine, type SqlRow, sqlName, sqlText } from "../../../ports/sql-engine.ts";
import type { RuleObservation } from "./types.ts";

const CONTRIBUTORS = 5;
const KEY_JSON = '[{"i":"INTEGER","day":"DATE","before":["DATE"],"currency":"VARCHAR","v":["VARCHAR"]}]';

/** The same observations with the services and accounts that rose most above the days compared with, by one query for all of them. */
export async function explainRises(
  engine: SqlEngine,
  { cubeRelation, by }: { cubeRelation: string; by: readonly string[] },
  observations: readonly RuleObservation[],
): Promise<RuleObservation[]> {
  if (observations.length === 0) return [];
  const keys = observations.map(({ scope, period, currency, comparedWith }, i) => ({
    i,
    day: period.start,
    before: comparedWith,
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
    "(c.date = k.day OR list_contains(k.before, c.date))",
    "c.currency = k.currency",
    ...by.map((name, index) => `coalesce(CAST(c.${sqlName(name)} AS VARCHAR), '') = k.v[${index + 1}]`),
  ];
  return `WITH keys AS MATERIALIZED (SELECT unnest(from_json($1, ${sqlText(KEY_JSON)}), recursive := true)),
rises AS (
  SELECT k.i, coalesce(c.service, '') AS service, coalesce(c.account, '') AS account, coalesce(sum(c.effective) FILTER (c.date = k.day), 0)
    - coalesce(over(sum(c.effective) FILTER (c.date <> k.day), money(CAST(len(k.before) AS VARCHAR))), 0) AS rise
  FROM ${sqlName(cubeRelation)} c JOIN keys k ON ${on.join(" AND ")} WHERE c.charge_category = 'Usage' GROUP BY k.i, k.before, 2, 3)
SELECT i, service, account, rise FROM rises WHERE rise > 0
QUALIFY row_number() OVER (PARTITION BY i ORDER BY rise DESC, service, account) <= ${CONTRIBUTORS}
ORDER BY i, rise DESC, service, account`;
}

function contributor(row: SqlRow): Contributor {
  const keys = { service: String(row["service"]), account: String(row["account"]) };
  return { keys, amount: parseDecimal(String(row["rise"])) };
}
