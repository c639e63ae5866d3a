import type { SourceConfigOf } from "../../../config/types.ts";
import { GenOpsError, messageOf } from "../../../core/errors.ts";
import { type SqlEngine, sqlName, sqlText } from "../../../ports/sql-engine.ts";
import { focusColumn, focusRowsSql, type SelectedColumn } from "../../focus/schema.ts";
import { createBillView } from "../../input/bill-view.ts";
import { keptColumns } from "../../input/kept-columns.ts";
import { openRawTables } from "../../input/raw-table.ts";
import { readSlashDates } from "../../input/slash-dates.ts";
import { readSql } from "../../read-sql.ts";
import type { Bill, ReadContext } from "../bill.ts";
import { assertSelect } from "./assert-select.ts";

/** What nothing can stand in for. One of a group is enough; `complete.sql` fills the rest. */
const NEEDED: readonly (readonly string[])[] = [
  ["BilledCost"],
  ["BillingCurrency"],
  ["BillingAccountId"],
  ["ChargePeriodStart"],
  ["ChargePeriodEnd"],
  ["ChargeCategory"],
  ["ServiceName"],
  ["ServiceProviderName", "HostProviderName"],
];

/**
 * Opens files under their own column names (all text) as the view `bill` and lays the user's SELECT over it. A SELECT that cannot be used is
 * a `config` error; the files are only read.
 */
export async function openCustomBill(context: ReadContext<"custom">): Promise<Bill> {
  const { engine, source } = context;
  const tables = await openRawTables(
    engine,
    context.deliveries.flatMap((delivery) => delivery.files),
  );
  const columns = keptColumns(
    tables,
    () => false,
    (header) => header || "unnamed",
  );
  await createBillView(engine, tables, { expected: [], canonical: () => undefined, derived: columns.derived });

  await readSlashDates(engine, source.dateFormat);
  await assertSelect(engine, source.sql);
  await configured(() => engine.run(`CREATE OR REPLACE TEMP VIEW custom_rows AS ${source.sql}`));
  const selected = await configured(() => describe(engine, "custom_rows"));
  requireColumns(selected, source);
  await configured(() => engine.run(selectedView(selected, source)));
  return {
    mapping: readSql(import.meta.url, "complete.sql"),
    accounting: readSql(import.meta.url, "accounting.sql"),
    checks: [],
    parsedColumns: columns.names,
    messages: [],
  };
}

/** What the engine says about the user's SQL is the user's to correct. */
async function configured<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new GenOpsError("config", `the SQL of a custom source does not work: ${messageOf(error)}`, {
      place: { field: "sql" },
      cause: error,
    });
  }
}

async function describe(engine: SqlEngine, relation: string): Promise<SelectedColumn[]> {
  const rows = await engine.query(`DESCRIBE SELECT * FROM ${relation}`);
  return rows.map((row) => ({ name: String(row["column_name"]), type: String(row["column_type"]) }));
}

function requireColumns(selected: readonly SelectedColumn[], source: SourceConfigOf<"custom">): void {
  const given = new Set(selected.map(({ name }) => focusColumn(name)?.name ?? name));
  if (source.currency !== undefined) given.add("BillingCurrency");
  if (source.billingAccountId !== undefined) given.add("BillingAccountId");
  const missing = NEEDED.filter((group) => !group.some((name) => given.has(name))).map((group) => group.join(" or "));
  if (missing.length === 0) return;
  throw new GenOpsError("refused", `the SQL of a custom source gives no ${missing.join(", ")}`, {
    place: { field: "sql" },
  });
}

/** All FOCUS columns with their types (X-1, X-2), empty texts as null (X-3). */
function selectedView(selected: readonly SelectedColumn[], source: SourceConfigOf<"custom">): string {
  const cells = selected.map(({ name, type }) =>
    type === "VARCHAR" ? `nullif(${sqlName(name)}, '') AS ${sqlName(name)}` : sqlName(name),
  );
  const constant = (value: string | undefined) => (value === undefined ? "NULL::VARCHAR" : sqlText(value));
  return `CREATE OR REPLACE TEMP VIEW selected AS
    SELECT *, ${constant(source.currency)} AS configured_currency, ${constant(source.billingAccountId)} AS configured_account
    FROM (${focusRowsSql(`SELECT ${cells.join(", ")} FROM custom_rows`, selected)})`;
}
