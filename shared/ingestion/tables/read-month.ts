import { stat, utimes } from "node:fs/promises";
import path from "node:path";
import { GenOpsError } from "../../core/errors.ts";
import type { Month } from "../../core/period.ts";
import type { BigQueryParameter, BigQueryRow } from "../../ports/billing-apis.ts";
import type { Deadline } from "../../ports/invocation.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import type { Progress } from "../../ports/progress.ts";
import { type SortOptions, writeSortedLines } from "../input/sort-lines.ts";
import type { FetchedBill } from "../sources/fetcher.ts";
import { type BigQueryTable, tableSql } from "./bigquery-table.ts";
import type { CappedQueries } from "./capped-query.ts";
import { type MonthState, readTableState, updateTableState } from "./table-state.ts";
import { type ExportShape, findTouchedMonths, settleMonth } from "./touched-months.ts";

export interface MonthReading {
  source: string;
  period: Month;
  /** Private and empty. */
  folder: string;
  store: ObjectStore;
  deadline: Deadline;
  progress: Progress;
  queries: CappedQueries;
  table: BigQueryTable;
  shape: ExportShape;
  /** SELECT list over the table. */
  select: readonly string[];
  /** How the rows, as JSON lines, become the file. */
  write?: Pick<SortOptions, "header" | "render">;
}

/** Less than this is no time to read a month in. */
export const LEAST_MS = 60_000;
/** What must be left for converting and committing when reading ends. */
const RESERVE_MS = 30_000;
/** Rows between two looks at the time. */
const CHECKED_ROWS = 10_000;

/** Reads one billing period of a table whole, into one file of stable order. Nothing is appended to what was read before. */
export async function readMonth(reading: MonthReading): Promise<FetchedBill> {
  const { period, queries, deadline } = reading;
  const month = await monthState(reading);
  if (month === undefined) {
    return { outcome: "nothing", messages: [queries.summary(), `the table has no rows of invoice month ${period}`] };
  }
  if (deadline.remainingMs() < LEAST_MS) return later(queries, "no time was left to read it");
  const { rows, totalRows } = await queries.run(period, sqlOf(reading, month), parametersOf(reading, month));
  const file = path.join(reading.folder, "rows");
  const clock = { ranOut: false };
  await writeSortedLines(linesOf(reading, rows, totalRows, clock), file, reading.write);
  if (clock.ranOut) return ranOut(reading, month, totalRows);
  // When Google wrote the newest of them: the same rows are the same file, whenever they are read.
  const exportedAt = new Date(month.exportedAt.replace(" UTC", "Z").replace(" ", "T"));
  await utimes(file, exportedAt, exportedAt);
  const { size, mtime } = await stat(file);
  return {
    outcome: "fetched",
    files: [{ path: file, name: `${reading.table.id} ${period}`, sizeBytes: size, modifiedAt: mtime }],
    expectedRows: totalRows,
    messages: [queries.summary()],
    collected: () =>
      settleMonth(reading.store, reading.source, reading.table.id, { month: period, read: month.exportedAt }),
  };
}

/** Once may be because other work came before; twice means that the month does not fit, and trying for ever would cost for ever. */
async function ranOut(reading: MonthReading, month: MonthState, rows: number): Promise<FetchedBill> {
  const { store, source, table, period, queries } = reading;
  if (month.ranOut === true) {
    throw new GenOpsError(
      "refused",
      `${rows} rows of ${period} are too many to be read before this function ends; collect them with genops collect on a machine, or read them in place`,
    );
  }
  await updateTableState(store, source, table.id, (state) => {
    const known = state.months[period];
    return known === undefined
      ? state
      : { ...state, months: { ...state.months, [period]: { ...known, ranOut: true } } };
  });
  return later(queries, "time ran out while its rows were read");
}

async function monthState(reading: MonthReading): Promise<MonthState | undefined> {
  const known = await readTableState(reading.store, reading.source, reading.table.id);
  const month = known?.months[reading.period];
  if (month !== undefined) return month;
  await findTouchedMonths(reading, reading.table, reading.shape);
  return (await readTableState(reading.store, reading.source, reading.table.id))?.months[reading.period];
}

function sqlOf({ table, shape, select }: MonthReading, month: MonthState): string {
  const from = month.firstPartition === undefined ? "" : " AND _PARTITIONTIME >= @partition";
  return `SELECT ${select.join(", ")} FROM ${tableSql(table.id)} WHERE ${shape.month} = @month${from}`;
}

function parametersOf({ period }: MonthReading, { firstPartition }: MonthState): Record<string, BigQueryParameter> {
  return {
    month: { type: "STRING", value: period.replace("-", "") },
    ...(firstPartition === undefined ? {} : { partition: { type: "TIMESTAMP", value: firstPartition } }),
  };
}

async function* linesOf(
  { deadline, progress, period, table }: MonthReading,
  rows: AsyncIterable<BigQueryRow>,
  total: number,
  clock: { ranOut: boolean },
): AsyncIterable<string> {
  let count = 0;
  for await (const row of rows) {
    if (count++ % CHECKED_ROWS === 0) {
      clock.ranOut = deadline.remainingMs() < RESERVE_MS;
      if (clock.ranOut) return;
      progress.report(`reading ${table.id} ${period}`, count, total, "rows");
    }
    yield JSON.stringify(row);
  }
}

function later(queries: CappedQueries, why: string): FetchedBill {
  return { outcome: "later", afterMs: 0, messages: [queries.summary(), why] };
}
