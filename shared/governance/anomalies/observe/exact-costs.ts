import { type Decimal, parseDecimal, ZERO } from "../../../core/decimal.ts";
import type { Day } from "../../../core/period.ts";
import { type SettledAfterDays, unsettledSql } from "../../../ledger/settledness.ts";
import { type SqlEngine, type SqlRow, sqlName, sqlText } from "../../../ports/sql-engine.ts";

/** What is to be read exactly: one series over some days. */
export interface CostQuestion {
  currency: string;
  keys: Readonly<Record<string, string>>;
  /** The end exclusive. Instants where hours are asked for. */
  days: { start: string; end: string };
}

export interface ExactCost {
  actual: Decimal;
  /** The part of it of days that are settled. */
  settled: Decimal;
  rows: number;
  /** Whose it is, where four fifths of the cost are one team's. */
  team?: string;
}

const QUESTION_JSON = '[{"i":"INTEGER","currency":"VARCHAR","start":"TIMESTAMP","end":"TIMESTAMP","v":["VARCHAR"]}]';
/** Stands for a dimension that the question leaves open. */
const ANY = "\u0001any";
const MAIN_SHARE = 0.8;

export interface ExactInput {
  cubeRelation: string;
  by: readonly string[];
  settledAfterDays: SettledAfterDays;
  today: Day;
  /** The column that says when. Default: `date`. */
  time?: "date" | "hour";
}

/** Effective usage cost of each question as decimals, by one query for all of them. */
export async function exactCosts(
  engine: SqlEngine,
  input: ExactInput,
  questions: readonly CostQuestion[],
): Promise<ExactCost[]> {
  if (questions.length === 0) return [];
  const asked = questions.map(({ currency, keys, days }, i) => {
    return { i, currency, ...days, v: input.by.map((name) => keys[name] ?? ANY) };
  });
  const rows = await engine.query(costsSql(input), [JSON.stringify(asked)]);
  const byQuestion = Map.groupBy(rows, (row) => Number(row["i"]));
  return questions.map((_question, i) => exactCost(byQuestion.get(i) ?? []));
}

function costsSql({ cubeRelation, by, settledAfterDays, today, time = "date" }: ExactInput): string {
  const on = [
    "c.currency = q.currency",
    `c.${time} >= q.start`,
    `c.${time} < q."end"`,
    ...by.map((name, index) => {
      const asked = `q.v[${index + 1}]`;
      return `(${asked} = ${sqlText(ANY)} OR coalesce(CAST(c.${sqlName(name)} AS VARCHAR), '') = ${asked})`;
    }),
  ];
  return `WITH q AS MATERIALIZED (SELECT unnest(from_json($1, ${sqlText(QUESTION_JSON)}), recursive := true)),
c AS (SELECT *, NOT ${unsettledSql(settledAfterDays, today)} AS is_settled FROM ${sqlName(cubeRelation)}
  WHERE charge_category = 'Usage' AND ${time} >= (SELECT min(start) FROM q))
SELECT q.i, c.team, sum(c.effective) AS actual, sum(c.effective) FILTER (c.is_settled) AS settled, sum(c.rows)::BIGINT AS row_count
FROM c JOIN q ON ${on.join(" AND ")} GROUP BY ALL ORDER BY q.i, actual DESC, c.team`;
}

/** Rows are one per team, the dearest first. */
function exactCost(rows: readonly SqlRow[]): ExactCost {
  const amountOf = (row: SqlRow, name: string) => (row[name] === null ? ZERO : parseDecimal(String(row[name])));
  const actual = rows.reduce((all, row) => all + amountOf(row, "actual"), 0n) as Decimal;
  const settled = rows.reduce((all, row) => all + amountOf(row, "settled"), 0n) as Decimal;
  const [main] = rows;
  const isMain = main !== undefined && Number(amountOf(main, "actual")) >= MAIN_SHARE * Number(actual);
  return {
    actual,
    settled,
    rows: rows.reduce((all, row) => all + Number(row["row_count"]), 0),
    ...(isMain && main["team"] !== "unallocated" ? { team: String(main["team"]) } : {}),
  };
}
