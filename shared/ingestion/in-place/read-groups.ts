import { stat } from "node:fs/promises";
import path from "node:path";
import { type Decimal, parseDecimal } from "../../core/decimal.ts";
import { GenOpsError } from "../../core/errors.ts";
import { addDays, isDay, type Month, monthDays } from "../../core/period.ts";
import { csvRecord } from "../input/csv-record.ts";
import { writeSortedLines } from "../input/sort-lines.ts";
import type { FetchedBill, InPlaceReading } from "../sources/fetcher.ts";
import { COSTS, groupColumns } from "./group-columns.ts";
import { CREDITS, find, type GroupQuery, groupsSql, ROW_COUNT, totalsSql } from "./group-query.ts";
import type { TextRow, Warehouse } from "./warehouse.ts";

export interface GroupReading {
  warehouse: Warehouse;
  period: Month;
  /** Private and empty. */
  folder: string;
  /** Snake-case columns that budget scopes name. */
  scopeColumns: readonly string[];
  /** Google's credits: `included` in the costs or `separate` (UP-7). */
  credits: "separate" | "included";
  /** Currency of a table without such a column. */
  currency: string | undefined;
}

/** Without these there is no cube. */
const NEEDED = ["BilledCost", "EffectiveCost", "BillingPeriodStart", "ChargePeriodStart", "ChargeCategory"] as const;

/**
 * Reads one billing period of a FOCUS table in place: two queries, one for the daily groups, and one that shares nothing with it for the
 * totals they must add up to. The groups become a small FOCUS file whose rows are sums; the rows themselves stay.
 */
export async function readGroups(reading: GroupReading): Promise<FetchedBill> {
  const { warehouse, period, folder } = reading;
  const missing = NEEDED.filter((name) => find(warehouse, name) === undefined);
  if (missing.length > 0)
    throw new GenOpsError("refused", `${warehouse.name} is no FOCUS table: missing ${missing.join(", ")}`);
  const creditsApart = reading.credits === "separate" && find(warehouse, CREDITS) !== undefined;
  if (creditsApart) assertCountable(warehouse);
  const keep = groupColumns(reading.scopeColumns).filter((name) => find(warehouse, name) !== undefined);
  const query: GroupQuery = { period, keep, creditsApart };
  const totals = await readTotals(reading, query);
  if (totals.rows === 0) return { outcome: "nothing", messages: [nothingSaid(warehouse, period)] };
  const counted = { rows: 0 };
  const rows = countRows(await warehouse.query(`groups of ${period}`, groupsSql(warehouse, query)), counted);
  const columns = [
    ...new Set(["BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart", "ChargePeriodEnd", ...keep, ...COSTS]),
    ...(creditsApart ? [CREDITS] : []),
    ROW_COUNT,
  ];
  const file = path.join(folder, "groups.csv");
  const groups = await writeSortedLines(linesOf(rows, columns, period), file, {
    header: columns.join(","),
    render: csvLine,
  });
  if (counted.rows !== totals.rows) {
    throw new GenOpsError("unavailable", `${warehouse.name} was written to while it was read; collect again`);
  }
  const { size, mtime } = await stat(file);
  return {
    outcome: "fetched",
    files: [{ path: file, name: `${warehouse.name}, ${period}`, sizeBytes: size, modifiedAt: mtime }],
    expectedRows: groups,
    messages: [warehouse.summary(), saidOf(warehouse, totals.rows, groups)],
    inPlace: { at: warehouse.name, columns: keep, rows: totals.rows, control: totals.control },
  };
}

/** Credits that nobody adds up would be missing from the bill. */
function assertCountable(warehouse: Warehouse): void {
  const { type = "" } = find(warehouse, CREDITS) ?? {};
  if (warehouse.dialect.credits !== undefined && /^ARRAY\b/i.test(type)) return;
  throw new GenOpsError(
    "config",
    `${warehouse.name} has ${CREDITS} (${type}), which can be added up only as a list of records in BigQuery; say credits: included if its costs contain them, or copy its rows`,
    { place: { field: "credits" } },
  );
}

function nothingSaid(warehouse: Warehouse, period: Month): string {
  const pruning = warehouse.pruning(period);
  return `${warehouse.name} has no rows of ${period}${pruning.length === 0 ? "" : ` where ${pruning.join(" AND ")}`}`;
}

function saidOf({ name }: Warehouse, rows: number, groups: number): string {
  return `read in place: ${rows} rows stay in ${name}, ${groups} daily groups are kept; what was known at an earlier instant is known of the groups, not of the rows`;
}

interface Totals {
  rows: number;
  control: InPlaceReading["control"];
}

async function readTotals({ warehouse, period, currency }: GroupReading, query: GroupQuery): Promise<Totals> {
  const totals: Totals = { rows: 0, control: [] };
  for await (const row of await warehouse.query(`totals of ${period}`, totalsSql(warehouse, query))) {
    totals.rows += Number(row.get("row_count"));
    const code = row.get("currency") ?? currency ?? "";
    totals.control.push(
      { metric: "BilledCost", currency: code, amount: amountOf(row, "billed") },
      { metric: "EffectiveCost", currency: code, amount: amountOf(row, "effective") },
    );
  }
  return totals;
}

function amountOf(row: TextRow, name: string): Decimal {
  return parseDecimal(row.get(name) ?? "0");
}

async function* countRows(rows: AsyncIterable<TextRow>, counted: { rows: number }): AsyncIterable<TextRow> {
  for await (const row of rows) {
    counted.rows += Number(row.get(ROW_COUNT.toLowerCase()));
    yield row;
  }
}

/** JSON, which has no line breaks inside, so that lines can be sorted; `csvLine` makes CSV of it. */
async function* linesOf(
  rows: AsyncIterable<TextRow>,
  columns: readonly string[],
  period: Month,
): AsyncIterable<string> {
  const { start, end } = monthDays(period);
  for await (const row of rows) {
    const day = row.get("chargeperiodstart") ?? "";
    if (!isDay(day))
      throw new GenOpsError("refused", `rows of ${period} have no ChargePeriodStart: ${JSON.stringify(day)}`);
    const known: Record<string, string> = {
      BillingPeriodStart: start,
      BillingPeriodEnd: end,
      ChargePeriodEnd: addDays(day, 1),
    };
    yield JSON.stringify(columns.map((name) => known[name] ?? row.get(name.toLowerCase()) ?? null));
  }
}

function csvLine(line: string): string {
  const values: (string | null)[] = JSON.parse(line);
  return csvRecord(values);
}
