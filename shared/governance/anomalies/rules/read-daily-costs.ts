import { add, type Decimal, parseDecimal, ZERO } from "../../../core/decimal.ts";
import { addDays, type Day } from "../../../core/period.ts";
import { type SettledAfterDays, unsettledSql } from "../../../ledger/settledness.ts";
import { type SqlEngine, type SqlRow, sqlName, sqlText } from "../../../ports/sql-engine.ts";

/** Effective usage cost by day of one combination of dimensions, in one currency. */
export interface DailySeries {
  /** Dimension → value; `""` where it has none. */
  keys: Readonly<Record<string, string>>;
  currency: string;
  /**
   * Cost of the days that are known: on a day on which one of the series' providers delivered nothing at all the cost is unknown; if its
   * providers delivered and the series has no rows, it is zero.
   */
  costs: ReadonlyMap<Day, Decimal>;
  rows: ReadonlyMap<Day, number>;
  unsettled: ReadonlySet<Day>;
}

export interface DailyCostsInput {
  cubeRelation: string;
  settledAfterDays: SettledAfterDays;
  by: readonly string[];
  /** Days to read, the end exclusive. */
  start: Day;
  end: Day;
  /** Table with the series to read (`findCandidates`). */
  among: string;
}

/** Of each provider with usage in the days read, the days that it has delivered. */
export type Deliveries = ReadonlyMap<string, ReadonlySet<Day>>;

export interface DailyCosts {
  series: DailySeries[];
  deliveries: Deliveries;
}

/** The series by one query. Only the charge category Usage: fees, taxes, purchases and refunds are no anomalies of use. */
export async function readDailyCosts(engine: SqlEngine, input: DailyCostsInput): Promise<DailyCosts> {
  const days = await engine.query(
    `SELECT DISTINCT date AS day, provider FROM ${sqlName(input.cubeRelation)} WHERE ${usageSql(input)}`,
  );
  const deliveries = new Map(
    [...Map.groupBy(days, (row) => String(row["provider"]))].map(([provider, rows]) => [
      provider,
      new Set(rows.map((row) => String(row["day"]))),
    ]),
  );
  const rows = await engine.query(seriesSql(input));
  const groups = Map.groupBy(rows, (row) =>
    JSON.stringify([row["currency"], ...input.by.map((_, index) => row[`k${index}`])]),
  );
  return {
    series: [...groups.values()].map((group) =>
      dailySeries(group, input, (provider, day) => deliveries.get(provider)?.has(day) === true),
    ),
    deliveries,
  };
}

function usageSql({ start, end }: DailyCostsInput): string {
  return `charge_category = 'Usage' AND date >= DATE ${sqlText(start)} AND date < DATE ${sqlText(end)}`;
}

function seriesSql(input: DailyCostsInput): string {
  const { cubeRelation, settledAfterDays, by, end, among } = input;
  const keys = by.map((_, index) => `a.k${index}`);
  const same = by.map((name, index) => `coalesce(CAST(c.${sqlName(name)} AS VARCHAR), '') = a.k${index}`);
  const columns = [
    "date AS day",
    "provider",
    "c.currency",
    ...keys,
    "sum(effective) AS amount",
    "sum(rows)::BIGINT AS row_count",
    `bool_or(${unsettledSql(settledAfterDays, addDays(end, -1))}) AS is_unsettled`,
  ];
  return `SELECT ${columns.join(", ")} FROM ${sqlName(cubeRelation)} c
JOIN ${sqlName(among)} a ON ${["c.currency = a.currency", ...same].join(" AND ")}
WHERE ${usageSql(input)} GROUP BY ALL ORDER BY day`;
}

function dailySeries(
  rows: readonly SqlRow[],
  input: DailyCostsInput,
  isDelivered: (provider: string, day: Day) => boolean,
): DailySeries {
  const providers = new Set(rows.map((row) => String(row["provider"])));
  const costs = new Map<Day, Decimal>();
  for (let day = input.start; day < input.end; day = addDays(day, 1)) {
    if ([...providers].every((provider) => isDelivered(provider, day))) costs.set(day, ZERO);
  }
  const counts = new Map<Day, number>();
  const unsettled = new Set<Day>();
  for (const row of rows) {
    const day = String(row["day"]);
    const cost = costs.get(day);
    if (cost !== undefined) costs.set(day, add(cost, parseDecimal(String(row["amount"]))));
    counts.set(day, (counts.get(day) ?? 0) + Number(row["row_count"]));
    if (row["is_unsettled"] === true) unsettled.add(day);
  }
  const [first] = rows;
  const keys = Object.fromEntries(input.by.map((name, index) => [name, String(first?.[`k${index}`])]));
  return { keys, currency: String(first?.["currency"]), costs, rows: counts, unsettled };
}
