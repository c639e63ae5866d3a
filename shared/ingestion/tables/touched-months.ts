import { GenOpsError } from "../../core/errors.ts";
import { isMonth, type Month } from "../../core/period.ts";
import type { BigQueryParameter, BigQueryRow } from "../../ports/billing-apis.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { type BigQueryTable, columnSql, tableSql } from "./bigquery-table.ts";
import type { CappedQueries } from "./capped-query.ts";
import { type MonthState, readTableState, type TableState, updateTableState } from "./table-state.ts";

/** Where an export table keeps what decides about re-reading; SQL over the table. */
export interface ExportShape {
  /** Invoice month as `202409`: the billing period (GCP-7). */
  month: string;
  /** Column with the instant at which Google wrote the row; grows with every load. */
  exportedAt: string;
  /** Day of the usage. */
  day: string;
}

export interface TouchedMonths {
  /** Months with rows that are not in the ledger yet, in order. */
  pending: Month[];
  messages: string[];
}

/** What a late load may lie behind: its rows' `export_time` is of the day before its partition at most. */
const PARTITION_SLACK_MS = 86_400_000;

/**
 * Asks the table for months with rows newer than the watermark, and remembers them as pending until they are in the ledger
 * (`reference/clouds.md` §3.1). Reads three narrow columns of the newest partitions; the first time, of all.
 */
export async function findTouchedMonths(
  { store, source, queries }: { store: ObjectStore; source: string; queries: CappedQueries },
  table: BigQueryTable,
  shape: ExportShape,
): Promise<TouchedMonths> {
  const before = await readTableState(store, source, table.id);
  const { rows } = await queries.run("new rows", touchedSql(table, shape, before), parametersOf(table, before));
  const found: Touched[] = [];
  for await (const row of rows) found.push(touchedOf(row));
  const { months } = await updateTableState(store, source, table.id, (state) =>
    found.length === 0 ? state : withTouched(state, found),
  );
  const days = found.reduce((sum, touched) => sum + touched.days, 0);
  const names = found.map(({ month }) => month).join(", ");
  return {
    pending: Object.keys(months)
      .filter((month) => months[month]?.pending !== undefined)
      .sort(),
    messages: [
      queries.summary(),
      found.length === 0
        ? `no rows newer than ${before?.watermark ?? "none"}`
        : `new rows: ${days} usage days, ${names}`,
    ],
  };
}

function touchedSql(table: BigQueryTable, { month, exportedAt, day }: ExportShape, before: TableState | undefined) {
  const since = before === undefined ? [] : [`${columnSql(exportedAt)} > @since`];
  const from = before !== undefined && table.byIngestion ? ["_PARTITIONTIME >= @partition"] : [];
  const where = [...since, ...from];
  // Ordinals: a GROUP BY name that is a column as well means the column.
  return `SELECT ${month} AS touched_month, MAX(${columnSql(exportedAt)}) AS newest_export, COUNT(DISTINCT ${day}) AS usage_days,
      ${table.byIngestion ? "MIN(_PARTITIONTIME)" : "NULL"} AS first_partition
    FROM ${tableSql(table.id)}${where.length === 0 ? "" : ` WHERE ${where.join(" AND ")}`} GROUP BY 1 ORDER BY 1`;
}

function parametersOf(table: BigQueryTable, before: TableState | undefined): Record<string, BigQueryParameter> {
  if (before === undefined) return {};
  const since: BigQueryParameter = { type: "TIMESTAMP", value: before.watermark };
  if (!table.byIngestion) return { since };
  const exported = Date.parse(before.watermark.replace(" UTC", "Z").replace(" ", "T"));
  const partition = new Date(exported - PARTITION_SLACK_MS).toISOString().slice(0, 10);
  return { since, partition: { type: "TIMESTAMP", value: `${partition} 00:00:00 UTC` } };
}

interface Touched {
  month: Month;
  exportedAt: string;
  days: number;
  firstPartition: string | undefined;
}

function touchedOf(row: BigQueryRow): Touched {
  const { touched_month: invoiceMonth, newest_export: exportedAt, usage_days: days, first_partition: first } = row;
  const month = String(invoiceMonth).replace(/^(\d{4})(\d{2})$/, "$1-$2");
  if (!isMonth(month) || typeof exportedAt !== "string") {
    throw new GenOpsError("refused", `the table has rows of the invoice month ${JSON.stringify(invoiceMonth)}`);
  }
  return { month, exportedAt, days: Number(days), firstPartition: typeof first === "string" ? first : undefined };
}

function withTouched(state: TableState, found: readonly Touched[]): TableState {
  const months: Record<Month, MonthState> = { ...state.months };
  let { watermark } = state;
  for (const { month, exportedAt, firstPartition } of found) {
    const known = months[month];
    const newest = later(known?.exportedAt, exportedAt);
    const first = earlier(known?.firstPartition, firstPartition);
    months[month] = {
      exportedAt: newest,
      pending: newest,
      ...(first === undefined ? {} : { firstPartition: first }),
    };
    watermark = later(watermark, exportedAt);
  }
  return { ...state, watermark, months };
}

/** BigQuery's texts compare like their instants: a fraction has six digits or is left out. */
function later(a: string | undefined, b: string): string {
  return a === undefined || a < b ? b : a;
}

function earlier(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

/** What was read of a month is in the ledger: it is not pending any more, unless newer rows came meanwhile. */
export async function settleMonth(
  store: ObjectStore,
  source: string,
  table: string,
  { month, read }: { month: Month; read: string },
): Promise<void> {
  await updateTableState(store, source, table, (state) => {
    const known = state.months[month];
    if (known?.pending === undefined || known.pending > read) return state;
    const { pending: _pending, ranOut: _ranOut, ...rest } = known;
    return { ...state, months: { ...state.months, [month]: rest } };
  });
}
