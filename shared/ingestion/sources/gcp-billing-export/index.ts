import { fileURLToPath } from "node:url";
import type { SourceConfigOf } from "../../../config/types.ts";
import { GenOpsError } from "../../../core/errors.ts";
import { type SqlEngine, sqlText } from "../../../ports/sql-engine.ts";
import { createBillView } from "../../input/bill-view.ts";
import { keptColumns } from "../../input/kept-columns.ts";
import { openRawTables, type RawTable } from "../../input/raw-table.ts";
import { readSql } from "../../read-sql.ts";
import type { Bill, BillCheck, FileSource, ReadContext } from "../bill.ts";
import { COST_TYPES, KNOWN_NAMES, keptName, MANDATORY, PARSED_COLUMNS } from "./fields.ts";
import { inspectJson } from "./inspect-json.ts";
import { jsonColumns, jsonControlSelect, jsonTable } from "./json-table.ts";
import { parquetColumns, parquetControlSelect } from "./parquet-table.ts";

type Config = SourceConfigOf<"gcp-billing-export">;

/** A raw table brought to one form: top-level names as columns, the mapped columns as expressions. */
interface OpenTable {
  table: RawTable;
  columns: Readonly<Record<string, string>>;
  control: string;
}

const sql = (name: string) => readSql(import.meta.url, name);

/**
 * Rows of Google's standard or detailed BigQuery billing export, as NDJSON, JSON array or Parquet (`reference/focus.md` §9, GCP-1 … GCP-8).
 * One file may hold several billing periods (GCP-7).
 */
export const gcpBillingExportSource: FileSource<"gcp-billing-export"> = {
  type: "gcp-billing-export",
  mappingVersion: 1,
  locations(source) {
    return source.location === undefined ? [] : [{ role: "bill", location: source.location }];
  },
  split: { decide: () => ({}) },
  open,
};

async function open({ engine, source, deliveries }: ReadContext<"gcp-billing-export">): Promise<Bill> {
  const files = deliveries.flatMap((delivery) => delivery.files);
  const raw = await openRawTables(engine, files);
  const tables: OpenTable[] = [];
  for (const table of raw) tables.push(await openTable(engine, table));
  for (const { table } of tables) requireNames(table, source);
  // The engine takes a CSV or JSON bill for a few dozen rows and would build its hash tables from the bill instead of the lookups (L7).
  await engine.run("SET disabled_optimizers = 'join_order,build_side_probe_side'");
  await engine.run(sql("macros.sql"));
  await createViews(engine, tables, source);
  await loadCategories(engine);
  await engine.run(sql("facts.sql"));
  return {
    mapping: sql("mapping.sql"),
    control: sql("control.sql"),
    accounting: sql("accounting.sql"),
    checks: tables.some(({ table }) => isParquet(table)) ? parquetChecks() : [],
    parsedColumns: PARSED_COLUMNS,
    origins: {
      BilledCost: "cost",
      EffectiveCost: "cost",
      BillingCurrency: "currency",
      BillingAccountId: "billing_account_id",
    },
    messages: await unknownServices(engine),
  };
}

async function openTable(engine: SqlEngine, raw: RawTable): Promise<OpenTable> {
  const [file] = raw.files;
  if (file?.kind === "csv") {
    throw new GenOpsError("refused", "is CSV; a billing export is read as NDJSON, JSON array or Parquet", {
      place: { file: file.name },
    });
  }
  if (isParquet(raw)) return { table: raw, columns: parquetColumns(raw), control: parquetControlSelect(raw) };
  const table = jsonTable(raw, await inspectJson(engine, raw));
  return { table, columns: jsonColumns(), control: jsonControlSelect(raw) };
}

function isParquet(table: RawTable): boolean {
  return table.files[0]?.kind === "parquet";
}

function requireNames(table: RawTable, source: Config): void {
  const has = (name: string) => table.columns.some(({ header }) => header === name);
  const missing = [
    ...MANDATORY.filter((name) => !has(name)),
    ...(has("currency") || source.currency !== undefined ? [] : ["currency (or the source's currency)"]),
    ...(has("billing_account_id") || source.billingAccountId !== undefined
      ? []
      : ["billing_account_id (or the source's billingAccountId)"]),
  ];
  if (missing.length === 0) return;
  const [file] = table.files;
  throw new GenOpsError("refused", `is no Google Cloud billing export: missing ${missing.join(", ")}`, {
    place: file === undefined ? {} : { file: file.name },
  });
}

async function createViews(engine: SqlEngine, tables: readonly OpenTable[], source: Config): Promise<void> {
  const raw = tables.map(({ table }) => table);
  const kept = keptColumns(raw, (header) => KNOWN_NAMES.has(header), keptName);
  const columns = new Map(tables.map((open) => [open.table, open.columns]));
  const configured = (value: string | undefined) => (value === undefined ? "NULL::VARCHAR" : sqlText(value));
  await createBillView(engine, raw, {
    expected: [],
    canonical: () => undefined,
    derived: (table) => ({
      ...kept.derived(table),
      ...columns.get(table),
      configured_account: configured(source.billingAccountId),
      configured_currency: configured(source.currency),
    }),
  });
  await engine.run(
    `CREATE OR REPLACE TEMP VIEW gcp_configured AS SELECT ${configured(source.currency)} AS configured_currency`,
  );
  await engine.run(
    `CREATE OR REPLACE TEMP VIEW gcp_control AS ${tables.map(({ control }) => control).join("\nUNION ALL\n")}`,
  );
}

async function loadCategories(engine: SqlEngine): Promise<void> {
  const path = fileURLToPath(new URL("reference/category-mapping.csv", import.meta.url));
  await engine.run(`CREATE OR REPLACE TEMP TABLE gcp_categories AS
    SELECT * FROM read_csv(${sqlText(path)}, header = true, all_varchar = true, delim = ',', quote = '"')`);
}

/** What JSON rows were checked for while they were inspected. */
function parquetChecks(): BillCheck[] {
  const types = COST_TYPES.map(sqlText).join(", ");
  return [
    {
      message: "unknown cost_type (GCP-1)",
      sql: `SELECT source_file, NULL::BIGINT AS row, 'cost_type' AS column_name, cost_type AS value FROM bill
        WHERE coalesce(cost_type, '') NOT IN (${types})`,
    },
    {
      message: "not an invoice month such as 202409",
      sql: `SELECT source_file, NULL::BIGINT AS row, 'invoice.month' AS column_name, invoice_month AS value FROM bill
        WHERE NOT regexp_full_match(invoice_month, '[0-9]{4}(0[1-9]|1[0-2])')`,
    },
  ];
}

/** what no table knows is counted. */
async function unknownServices(engine: SqlEngine): Promise<string[]> {
  const rows = await engine.query(`
    SELECT service_description AS name, sum(row_count) AS "rows" FROM gcp_facts
    WHERE service_description NOT IN (SELECT ConsumedService FROM gcp_categories)
      AND NOT gcp_sells_models(service_description, seller_name) AND NOT starts_with(service_description, 'Vertex AI')
    GROUP BY name ORDER BY name LIMIT 20`);
  return rows.map(
    (row) => `${String(row["rows"])} rows of the unknown service "${String(row["name"])}" have ServiceCategory Other`,
  );
}
