import { bigQueryDialect } from "../../in-place/dialect.ts";
import { csvRecord } from "../../input/csv-record.ts";
import { type MonthReading, readMonth } from "../../tables/read-month.ts";
import type { FetchedBill } from "../fetcher.ts";

/** Copies one billing period of Google's own FOCUS table as CSV, the form that FOCUS files have: one text per column, lists as JSON. */
export function copyMonth(reading: Omit<MonthReading, "select" | "write">): Promise<FetchedBill> {
  const names = reading.table.columns.map(({ name }) => name);
  return readMonth({
    ...reading,
    select: reading.table.columns.map(
      (column) => `${bigQueryDialect.text(column)} AS ${bigQueryDialect.quote(column.name)}`,
    ),
    write: {
      header: csvRecord(names),
      render: (line) => {
        const row: Record<string, string | null> = JSON.parse(line);
        return csvRecord(names.map((name) => row[name] ?? null));
      },
    },
  });
}
