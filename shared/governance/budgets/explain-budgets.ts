import { add, type Decimal, parseDecimal, ZERO } from "../../core/decimal.ts";
import type { Contributor } from "../../core/finding.ts";
import { type Day, dayOf } from "../../core/period.ts";
import { unsettledSql } from "../../ledger/settledness.ts";
import type { Clock } from "../../ports/clock.ts";
import { type SqlEngine, type SqlRow, sqlName, sqlText } from "../../ports/sql-engine.ts";
import type { Convert } from "../convert.ts";
import { budgetPeriod } from "./budget-period.ts";
import { categorySql, insideSql, KEY_JSON, keysParameter } from "./cost-query.ts";
import type { EvaluateBudgetsInput } from "./evaluate-budgets.ts";
import { type Shape, shapeInstances } from "./shapes.ts";
import type { BudgetInstance, BudgetStatus } from "./types.ts";

/** What stands behind one budget's number. */
export interface BudgetExplanation {
  rows: number;
  /** Service and account, the most expensive first, at most five. */
  contributors: readonly Contributor[];
  /** Team and provider, the most expensive first. */
  teams: readonly Contributor[];
  /** Days in the period that are not settled yet, by provider. */
  unsettled: readonly { provider: string; first: Day; last: Day }[];
}

const CONTRIBUTORS = 5;
/** Enough of the ranking for targets and contributors. */
const RANKED = 50;

/** Explains statuses with a reached or waiting alert, in their order, by one query for all of them. */
export async function explainBudgets(
  deps: { engine: SqlEngine; clock: Pick<Clock, "evaluationNow"> },
  input: Pick<EvaluateBudgetsInput, "cubeRelation" | "settledAfterDays" | "convert">,
  statuses: readonly BudgetStatus[],
): Promise<BudgetExplanation[]> {
  if (statuses.length === 0) return [];
  const instances = statuses.map(({ budget, period, current }): BudgetInstance => {
    return { budget, period, current, basis: budgetPeriod(budget.period, period.start).basis };
  });
  const { shapes, keys } = shapeInstances(instances);
  const today = dayOf(deps.clock.evaluationNow());
  const sql = explainSql(input, shapes, today);
  const rows = await deps.engine.query(sql, [keysParameter(instances, keys)]);
  const byInstance = Map.groupBy(rows, (row) => Number(row["i"]));
  return instances.map(({ budget }, i) => explanation(byInstance.get(i) ?? [], budget.currency, input.convert));
}

function explainSql(
  input: Pick<EvaluateBudgetsInput, "cubeRelation" | "settledAfterDays">,
  shapes: readonly Shape[],
  today: Day,
): string {
  return `WITH
keys AS MATERIALIZED (SELECT unnest(from_json($1, ${sqlText(KEY_JSON)}), recursive := true)),
cube_rows AS (SELECT *, ${unsettledSql(input.settledAfterDays, today)} AS is_unsettled FROM ${sqlName(input.cubeRelation)}),
hits AS MATERIALIZED (
${shapes.map(hitsSql).join("\nUNION ALL\n")}),
ranked AS (
  SELECT i, 'service' AS kind, service AS a, account AS b, currency, foreign_day AS day, sum(amount) AS amount, bool_or(foreign_day IS NOT NULL) AS is_foreign
  FROM hits GROUP BY ALL
  UNION ALL
  SELECT i, 'team', team, provider, currency, foreign_day, sum(amount), bool_or(foreign_day IS NOT NULL) FROM hits GROUP BY ALL)
SELECT i, kind, a, b, currency, day, amount, NULL AS last FROM ranked
QUALIFY bool_or(is_foreign) OVER (PARTITION BY i) OR row_number() OVER (PARTITION BY i, kind ORDER BY amount DESC, a, b) <= ${RANKED}
UNION ALL
SELECT i, 'rows', NULL, NULL, NULL, NULL, sum(rows)::DECIMAL(38,0), NULL FROM hits GROUP BY i
UNION ALL
SELECT i, 'unsettled', provider, NULL, NULL, min(date), NULL, max(date) FROM hits WHERE is_unsettled AND amount <> 0 GROUP BY i, provider`;
}

function hitsSql({ dimensions, measure }: Shape, s: number): string {
  const categories = categorySql(measure, "c.charge_category");
  const on = [
    `k.s = ${s}`,
    insideSql("c.date", "c.billing_period"),
    ...dimensions.map((name, index) => `CAST(c.${sqlName(name)} AS VARCHAR) IS NOT DISTINCT FROM k.v[${index + 1}]`),
    ...(categories === "" ? [] : [categories]),
  ];
  return `SELECT k.i, c.service, c.account, c.team, c.provider, c.currency, c.date, c.is_unsettled,
  CASE WHEN c.currency <> k.own THEN c.date END AS foreign_day, sum(c.${sqlName(measure.cost)}) AS amount, sum(c.rows) AS rows
FROM cube_rows c JOIN keys k ON ${on.join(" AND ")} GROUP BY ALL`;
}

function explanation(rows: readonly SqlRow[], own: string, convert: Convert | undefined): BudgetExplanation {
  const ofKind = (kind: string) => rows.filter((row) => row["kind"] === kind);
  const total = ofKind("rows")[0]?.["amount"];
  return {
    rows: total === undefined ? 0 : Math.round(Number(total)),
    contributors: ranking(ofKind("service"), ["service", "account"], own, convert).slice(0, CONTRIBUTORS),
    teams: ranking(ofKind("team"), ["team", "provider"], own, convert),
    unsettled: ofKind("unsettled")
      .map((row) => ({ provider: String(row["a"]), first: String(row["day"]), last: String(row["last"]) }))
      .sort((a, b) => (a.provider < b.provider ? -1 : 1)),
  };
}

function ranking(
  rows: readonly SqlRow[],
  names: readonly [string, string],
  own: string,
  convert: Convert | undefined,
): Contributor[] {
  const sums = new Map<string, { keys: Record<string, string>; amount: Decimal }>();
  for (const row of rows) {
    const keys = { [names[0]]: String(row["a"] ?? ""), [names[1]]: String(row["b"] ?? "") };
    const identity = JSON.stringify(keys);
    const entry = sums.get(identity) ?? { keys, amount: ZERO };
    entry.amount = add(entry.amount, inCurrency(row, own, convert));
    sums.set(identity, entry);
  }
  return [...sums.entries()]
    .sort(([idA, a], [idB, b]) => (a.amount === b.amount ? (idA < idB ? -1 : 1) : a.amount > b.amount ? -1 : 1))
    .map(([, entry]) => entry)
    .filter(({ amount }) => amount > 0n);
}

/** A row in a currency without a rate counts nothing here as it counts nothing in the budget. */
function inCurrency(row: SqlRow, own: string, convert: Convert | undefined): Decimal {
  const amount = parseDecimal(String(row["amount"]));
  const currency = String(row["currency"]);
  if (currency === own) return amount;
  return convert?.({ amount, currency }, own, String(row["day"]))?.amount ?? ZERO;
}

/** `aws on 2024-09-12..2024-09-13, azure on 2024-09-13` */
export function unsettledInWords({ unsettled }: BudgetExplanation): string {
  return unsettled
    .map(({ provider, first, last }) => `${provider} on ${first === last ? first : `${first}..${last}`}`)
    .join(", ");
}
