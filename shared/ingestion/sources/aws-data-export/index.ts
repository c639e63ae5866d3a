import type { SourceConfigOf } from "../../../config/types.ts";
import { type SqlEngine, sqlName, sqlText } from "../../../ports/sql-engine.ts";
import { createBillView } from "../../input/bill-view.ts";
import { openRawTables, type RawTable } from "../../input/raw-table.ts";
import { readSlashDates } from "../../input/slash-dates.ts";
import { readSql } from "../../read-sql.ts";
import type { Bill, Decisions, FileSource, ReadContext } from "../bill.ts";
import { canonicalName } from "./canonical-name.ts";
import { CHECKS } from "./checks.ts";
import { PARSED_COLUMNS, READ_COLUMNS } from "./columns.ts";
import { loadCategories } from "./load-categories.ts";
import { requireColumns } from "./mandatory-columns.ts";
import { mapColumns, unknownColumnNames } from "./map-columns.ts";

type Source = SourceConfigOf<"aws-data-export">;

/** Cost and usage reports of AWS: legacy CUR and CUR 2.0, as CSV or Parquet (`reference/focus.md` section 7). */
export const awsDataExportSource: FileSource<"aws-data-export"> = {
  type: "aws-data-export",
  mappingVersion: 1,
  locations: (source) => [{ role: "bill", location: source.location }],
  // AWS-2: a part without any net cost cannot know that its bill has some.
  split: { decide: decideNetModes },
  open: openBill,
};

async function openBill({ engine, source, deliveries, decided }: ReadContext<"aws-data-export">): Promise<Bill> {
  const files = deliveries.flatMap((delivery) => delivery.files);
  const tables = (await openRawTables(engine, files)).map(withNulls);
  requireColumns(tables, source);
  await createBillView(engine, tables, { expected: READ_COLUMNS, canonical: readName, derived: mapColumns });
  await readSlashDates(engine, source.dateFormat);
  await loadCategories(engine);
  // A CSV counts as 42 rows in DuckDB's estimates, so it would build its joins on the bill and hold that in memory (L7).
  await engine.run("SET disabled_optimizers = 'join_order,build_side_probe_side'");
  await createAwsBill(engine, source, "FALSE");
  const messages = await summarise(engine, source, decided);
  const further = unknownColumnNames(tables).map((name) => `,\n  ${sqlName(name)}`);
  return {
    mapping: readSql(import.meta.url, "mapping.sql").replace("/* further columns */", () => further.join("")),
    control: readSql(import.meta.url, "control.sql"),
    accounting: readSql(import.meta.url, "accounting.sql"),
    checks: CHECKS,
    parsedColumns: PARSED_COLUMNS,
    origins: {
      BilledCost: "line_item_unblended_cost",
      EffectiveCost: "line_item_unblended_cost",
      BillingCurrency: "line_item_currency_code",
      BillingAccountId: "bill_payer_account_id",
    },
    messages,
    decisions: await netModes(engine),
  };
}

const READ: ReadonlySet<string> = new Set(READ_COLUMNS);

function readName(header: string): string | undefined {
  const name = canonicalName(header);
  return READ.has(name) ? name : undefined;
}

/** Parquet has texts where CSV has nothing; the reader of CSV has turned the words for null into null already. */
function withNulls(table: RawTable): RawTable {
  if (table.files[0]?.kind !== "parquet") return table;
  const columns = table.columns.map((column) =>
    column.type === "VARCHAR"
      ? { ...column, ref: `CASE WHEN ${column.ref} NOT IN ('', 'NULL', 'null') THEN ${column.ref} END` }
      : column,
  );
  return { ...table, columns };
}

/** The bill with what the configuration fills in (AWS-8) and, per row, whether AWS-2 takes net costs. */
async function createAwsBill(engine: SqlEngine, source: Source, netMode: string): Promise<void> {
  const filled = [
    ["line_item_currency_code", source.currency],
    ["bill_payer_account_id", source.billingAccountId],
  ].flatMap(([column, value]) => (value === undefined ? [] : [`coalesce(${column}, ${sqlText(value)}) AS ${column}`]));
  const replace = filled.length === 0 ? "" : `REPLACE (${filled.join(", ")})`;
  await engine.run(`CREATE OR REPLACE VIEW aws_bill AS SELECT * ${replace}, ${netMode} AS net_mode FROM bill`);
}

/** Reads the bill once for sums and distinct texts, finds its net mode, and tells what the user should know. */
async function summarise(engine: SqlEngine, source: Source, decided: Decisions = {}): Promise<string[]> {
  const net = Object.keys(decided).filter((key) => decided[key] === "net");
  const further = net.length === 0 ? "" : ` OR mode_key IN (${net.map(sqlText).join(", ")})`;
  const modes = `CREATE OR REPLACE VIEW aws_modes AS
    SELECT mode_key, sum(net_values) > 0${further} AS net_mode FROM aws_summary WHERE about = 'sums' GROUP BY mode_key`;
  const summary = readSql(import.meta.url, "summary.sql");
  try {
    await engine.run(`CREATE OR REPLACE TEMP TABLE aws_summary AS ${summary}`);
  } catch {
    // A value cannot be read. Whoever runs the bill's statements meets the same error, and knows how to find the row.
    await engine.run("DROP TABLE IF EXISTS aws_summary");
    await engine.run(`CREATE OR REPLACE TEMP VIEW aws_summary AS ${summary}`);
    await engine.run(modes);
    return [];
  }
  await engine.run(modes);
  await createAwsBill(engine, source, netModeSql(await netModes(engine)));
  return [...(await uncategorised(engine)), ...(await missingAmortisation(engine))];
}

/** AWS-2: the mode belongs to a payer's billing period. None where a value cannot be read. */
async function netModes(engine: SqlEngine): Promise<Decisions> {
  const modes = await engine.query("SELECT mode_key, net_mode FROM aws_modes").catch(() => []);
  return Object.fromEntries(modes.map((row) => [String(row["mode_key"]), row["net_mode"] === true ? "net" : "gross"]));
}

/** AWS-2: one net cost anywhere makes the payer's billing period net. */
function decideNetModes(parts: readonly Decisions[]): Decisions {
  const modes: Record<string, string> = {};
  for (const [key, mode] of parts.flatMap(Object.entries<string>)) if (modes[key] !== "net") modes[key] = mode;
  return modes;
}

/** Mostly one constant, which the engine folds away. */
function netModeSql(modes: Decisions): string {
  const net = Object.keys(modes).filter((key) => modes[key] === "net");
  if (net.length === 0 || net.length === Object.keys(modes).length) return net.length === 0 ? "FALSE" : "TRUE";
  return `coalesce(bill_payer_account_id, '') || ' ' || left(coalesce(bill_billing_period_start_date, line_item_usage_start_date), 7)
    IN (${net.map(sqlText).join(", ")})`;
}

/** unknown products are counted. */
async function uncategorised(engine: SqlEngine): Promise<string[]> {
  const [row] =
    await engine.query(`SELECT sum(line_items)::BIGINT AS "rows", string_agg(product_code, ', ' ORDER BY product_code) AS codes
    FROM aws_summary LEFT JOIN aws_categories USING (product_code)
    WHERE about = 'product code' AND product_code IS NOT NULL AND category IS NULL
      AND NOT starts_with(product_code, 'AmazonBedrock') AND NOT starts_with(product_code, 'AmazonSageMaker')`);
  return row?.["codes"] == null ? [] : [`${row["rows"]} rows of products without a known category: ${row["codes"]}`];
}

/** AWS-8: money stays where it was billed when the report does not say what it paid for. */
async function missingAmortisation(engine: SqlEngine): Promise<string[]> {
  const [row] = await engine.query(`SELECT sum(unamortised)::BIGINT AS "rows" FROM aws_summary WHERE about = 'sums'`);
  const count = String(row?.["rows"] ?? "0");
  return count === "0"
    ? []
    : [`${count} commitment rows lack amortisation columns: their EffectiveCost is what was billed`];
}
