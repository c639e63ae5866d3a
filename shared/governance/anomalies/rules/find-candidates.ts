import type { AnomalyConfig } from "../../../config/types.ts";
import { type Decimal, formatDecimal } from "../../../core/decimal.ts";
import { addDays, type Day } from "../../../core/period.ts";
import type { SettledAfterDays } from "../../../ledger/settledness.ts";
import { type SqlEngine, sqlName, sqlText } from "../../../ports/sql-engine.ts";
import type { Feedback } from "../feedback/types.ts";

export interface CandidatesInput {
  cubeRelation: string;
  config: Pick<AnomalyConfig, "overYesterday" | "absoluteJump" | "rulesBy">;
  settledAfterDays: SettledAfterDays;
  feedback: readonly Feedback[];
  /** Days to read, the end exclusive. */
  start: Day;
  end: Day;
  /** The first day that is judged. */
  judgedFrom: Day;
}

/**
 * Makes the table `name` with the currency and dimensions (`k0`, `k1`, …) of the series on which a rise or an end of spend is possible, so that the
 * few are read day by day and not all. Wider than the rules, never narrower: a day without rows counts as zero, which makes every rise
 * larger; series with planned days are always among them, since those days are not compared with.
 */
export async function findCandidates(engine: SqlEngine, name: string, input: CandidatesInput): Promise<void> {
  await engine.run(`CREATE OR REPLACE TEMP TABLE ${sqlName(name)} AS ${candidatesSql(input)}`);
}

function candidatesSql(input: CandidatesInput): string {
  const { cubeRelation, config, start, end } = input;
  const keys = config.rulesBy.map((_, index) => `k${index}`);
  const selected = config.rulesBy.map((name, index) => `coalesce(CAST(${sqlName(name)} AS VARCHAR), '') AS k${index}`);
  const series = ["currency", ...keys].join(", ");
  const days = (from: number) => `RANGE BETWEEN INTERVAL ${from} DAYS PRECEDING AND INTERVAL 1 DAY PRECEDING`;
  return `WITH daily AS (
  SELECT date, ${["currency", ...selected].join(", ")}, sum(effective) AS amount FROM ${sqlName(cubeRelation)}
  WHERE charge_category = 'Usage' AND date >= DATE ${sqlText(start)} AND date < DATE ${sqlText(end)} GROUP BY ALL),
compared AS (
  SELECT *, greatest(coalesce(sum(amount) OVER (series ${days(1)}), 0), 0) AS yesterday,
    coalesce(sum(amount) OVER (series ${days(7)}), 0) AS week, max(amount) OVER (PARTITION BY ${series}) AS highest
  FROM daily WINDOW series AS (PARTITION BY ${series} ORDER BY date))
SELECT ${series} FROM compared GROUP BY ${series} HAVING ${[risesSql(input), endsSql(input), ...plannedSql(input)].join("\n  OR ")}`;
}

function risesSql({ config: { overYesterday: over, absoluteJump: jump }, judgedFrom }: CandidatesInput): string {
  const rises = `amount - yesterday >= ${moneySql(over.floor)} AND amount > times(yesterday, ${moneySql(over.ratio)})`;
  const jumps = `amount - over(week, money('7')) >= ${moneySql(jump.amount)}`;
  return `bool_or(date >= DATE ${sqlText(judgedFrom)} AND (week < 0 OR (${rises}) OR ${jumps}))`;
}

/** Nothing worth mentioning since before the newest day that any provider may have settled. */
function endsSql({ settledAfterDays, end }: CandidatesInput): string {
  const soonest = Math.min(...Object.values(settledAfterDays), settledAfterDays["default"] ?? 0);
  const settled = addDays(end, -2 - soonest);
  return `max(CASE WHEN amount > times(highest, money('0.01')) THEN date END) < DATE ${sqlText(settled)}`;
}

function plannedSql({ feedback, config: { rulesBy } }: CandidatesInput): string[] {
  return feedback.flatMap(({ kind, undone, scope, currency }) => {
    const dimensions = Object.entries(scope);
    if (kind !== "planned" || undone !== undefined) return [];
    if (dimensions.some(([name]) => !rulesBy.includes(name))) return [];
    const within = dimensions.map(
      ([name, values]) => `k${rulesBy.indexOf(name)} IN (${values.map(sqlText).join(", ")})`,
    );
    return `(${[`currency = ${sqlText(currency)}`, ...within].join(" AND ")})`;
  });
}

function moneySql(amount: Decimal): string {
  return `money(${sqlText(formatDecimal(amount))})`;
}
