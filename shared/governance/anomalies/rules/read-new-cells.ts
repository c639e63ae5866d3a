import { type Decimal, parseDecimal } from "../../../core/decimal.ts";
import type { Day } from "../../../core/period.ts";
import { type SqlEngine, type SqlRow, sqlName, sqlText } from "../../../ports/sql-engine.ts";

/** Whether an account has paid for a service or a region before. */
export interface Novelty {
  value: string;
  isNew: boolean;
  /** First day on which the account paid for it. */
  since: Day;
  isNewToAll: boolean;
}

/** What an account paid on one day for one service in one region, of which at least one is new to it. */
export interface NewCell {
  provider: string;
  account: string;
  currency: string;
  day: Day;
  service: Novelty;
  region: Novelty;
  amount: Decimal;
  rows: number;
}

export interface NewCellsInput {
  cubeRelation: string;
  historyDays: number;
  /** The earliest first day that counts as new. */
  start: Day;
  today: Day;
}

/**
 * By one query over the whole cube, since only all of history knows what is new. A service or region is new to an account when its first day lies
 * between `start` and `today` and the account had cost `historyDays` before; or when nobody in the organisation had it before, whose history with the
 * provider is that long.
 */
export async function readNewCells(engine: SqlEngine, input: NewCellsInput): Promise<NewCell[]> {
  return (await engine.query(newCellsSql(input))).map(newCell);
}

function newCellsSql({ cubeRelation, historyDays, start, today }: NewCellsInput): string {
  const newOnes = (dimension: "service" | "region") => `new_${dimension} AS (
  SELECT own.provider, own.account, own.${dimension}, own.since, own.since = everybody.since AS new_to_all
  FROM ${firstDays(`provider, account, ${dimension}`)} own
  JOIN ${firstDays(`provider, ${dimension}`)} everybody USING (provider, ${dimension})
  JOIN ${firstDays("provider, account")} a USING (provider, account) JOIN ${firstDays("provider")} p USING (provider)
  WHERE own.${dimension} <> '' AND own.since >= DATE ${sqlText(start)}
    AND (a.since <= own.since - ${historyDays} OR own.since = everybody.since AND p.since <= own.since - ${historyDays}))`;
  const novelty = (
    dimension: "service" | "region",
  ) => `c.${dimension}, ${dimension}s.since IS NOT NULL AS ${dimension}_is_new,
  ${dimension}s.since AS ${dimension}_since, coalesce(${dimension}s.new_to_all, false) AS ${dimension}_new_to_all`;
  return `WITH used AS (
  SELECT provider, coalesce(account, '') AS account, coalesce(service, '') AS service, coalesce(region, '') AS region, currency, date, effective, rows
  FROM ${sqlName(cubeRelation)} WHERE charge_category = 'Usage' AND date <= DATE ${sqlText(today)}),
firsts AS MATERIALIZED (SELECT provider, account, service, region, min(date) AS since FROM used WHERE effective > 0 GROUP BY ALL),
${newOnes("service")},
${newOnes("region")}
SELECT c.provider, c.account, c.currency, c.date AS day, ${novelty("service")}, ${novelty("region")},
  sum(c.effective) AS amount, sum(c.rows)::BIGINT AS row_count
FROM used c LEFT JOIN new_service services USING (provider, account, service) LEFT JOIN new_region regions USING (provider, account, region)
WHERE c.date >= DATE ${sqlText(start)} AND (services.since IS NOT NULL OR regions.since IS NOT NULL)
GROUP BY ALL ORDER BY day, provider, account, service, region, currency`;
}

function firstDays(of: string): string {
  return `(SELECT ${of}, min(since) AS since FROM firsts GROUP BY ALL)`;
}

function newCell(row: SqlRow): NewCell {
  return {
    provider: String(row["provider"]),
    account: String(row["account"]),
    currency: String(row["currency"]),
    day: String(row["day"]),
    service: novelty(row, "service"),
    region: novelty(row, "region"),
    amount: parseDecimal(String(row["amount"])),
    rows: Number(row["row_count"]),
  };
}

function novelty(row: SqlRow, dimension: "service" | "region"): Novelty {
  return {
    value: String(row[dimension]),
    isNew: row[`${dimension}_is_new`] === true,
    since: String(row[`${dimension}_since`] ?? ""),
    isNewToAll: row[`${dimension}_new_to_all`] === true,
  };
}
