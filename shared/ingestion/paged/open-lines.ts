import { type SqlEngine, sqlText } from "../../ports/sql-engine.ts";
import { createBillView } from "../input/bill-view.ts";
import { openRawTables } from "../input/raw-table.ts";
import type { StagedFile } from "../input/staged-file.ts";
import { readSql } from "../read-sql.ts";
import type { BillCheck } from "../sources/bill.ts";

const COLUMNS = {
  level: "level",
  day: "day",
  day_end: "dayEnd",
  measure: "measure",
  amount: "amount",
  unit: "unit",
  estimated: "estimated",
  payer: "payer",
  account_name: "accountName",
} as const;

/** Makes the views `bill` (a line per amount, all text) and `fetched_cells` (`cells.sql`) of fetched files. */
export async function openBillLines(
  engine: SqlEngine,
  files: readonly StagedFile[],
  currency: string | undefined,
): Promise<void> {
  const texts = Object.entries(COLUMNS).map(([name, field]) => [name, `json_extract_string("json", '$.${field}')`]);
  await createBillView(engine, await openRawTables(engine, files), {
    expected: [],
    canonical: () => undefined,
    derived: () => ({
      ...Object.fromEntries(texts),
      keys: `json_extract("json", '$.keys')::VARCHAR`,
      base: `json_extract("json", '$.base')::VARCHAR`,
      configured_currency: currency === undefined ? "NULL::VARCHAR" : sqlText(currency),
    }),
  });
  await engine.run(readSql(import.meta.url, "cells.sql"));
}

export function linesAccounting(): string {
  return readSql(import.meta.url, "accounting.sql");
}

/** Where a wrong value of a fetched line is looked for, and what it is called in FOCUS. */
export const LINES_PARSED: readonly string[] = ["amount", "day"];
export const LINES_ORIGINS: Readonly<Record<string, string>> = {
  BilledCost: "amount",
  EffectiveCost: "amount",
  BillingCurrency: "unit",
  BillingAccountId: "payer",
};

/** Whatever the API: costs have a currency and are of the period that was asked for. */
export function linesChecks(period: string | undefined): BillCheck[] {
  return [
    {
      message: "costs without a currency; set the source's `currency`",
      sql: `SELECT source_file, NULL::BIGINT AS "row", 'unit' AS column_name, keys AS "value" FROM bill
        WHERE ends_with(measure, 'Cost') AND coalesce(unit, configured_currency) IS NULL`,
    },
    {
      message: "the API answered for a day outside the billing period",
      sql: `SELECT source_file, NULL::BIGINT AS "row", 'day' AS column_name, day AS "value" FROM bill
        WHERE ${period === undefined ? "FALSE" : `left(day, 7) <> ${sqlText(period)}`}`,
    },
  ];
}

/** X-7: what no table knows is counted; `nameless` stands for no service in particular. */
export function unknownServices(mapping: string, nameless: readonly string[]): BillCheck {
  return {
    message: "an unknown service has ServiceCategory Other (X-7)",
    sql: `SELECT ServiceName AS "value" FROM (${mapping})
      WHERE ServiceCategory = 'Other' AND ServiceName NOT IN (${nameless.map(sqlText).join(", ")})`,
  };
}

/** Money that only a coarse group has. */
export function remainders(mapping: string): BillCheck {
  return {
    message: "the narrower queries do not add up to their group: the rest stays with the group's own keys",
    sql: `SELECT x_Dimensions AS "value" FROM (${mapping}) WHERE x_Remainder`,
  };
}
