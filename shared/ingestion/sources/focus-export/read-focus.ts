import { fileURLToPath } from "node:url";
import { GenOpsError } from "../../../core/errors.ts";
import { type SqlEngine, sqlName, sqlText } from "../../../ports/sql-engine.ts";
import { FOCUS_COLUMNS, focusColumn } from "../../focus/schema.ts";
import { detectVersion, type FocusVersion, mandatoryColumns, REMOVED_COLUMNS } from "../../focus/versions.ts";
import { createBillView } from "../../input/bill-view.ts";
import { keptColumns } from "../../input/kept-columns.ts";
import { openRawTables, type RawTable } from "../../input/raw-table.ts";
import { readSlashDates } from "../../input/slash-dates.ts";
import { readSql } from "../../read-sql.ts";
import type { Bill, ReadContext } from "../bill.ts";

/** `x_` columns that a rule reads (UP-3 to UP-7). Where they are delivered they are also kept. */
const READ_CUSTOM = [
  "x_BillingExchangeRate",
  "x_CostFilled",
  "x_Credits",
  "x_Filled",
  "x_InvoiceId",
  "x_Labels",
  "x_PricingCurrency",
  "x_ProjectLabels",
  "x_Respelled",
  "x_SkuDetails",
  "x_SkuMeterName",
  "x_SkuMeterSubcategory",
  "x_SourceProviderName",
  "x_SourcePublisherName",
  "x_SubscriptionInstanceId",
  "x_SystemLabels",
  "x_Tags",
] as const;

/** The mapping itself writes these. */
const WRITTEN = ["x_CostFilled", "x_Filled", "x_Respelled", "x_SourceProviderName", "x_SourcePublisherName"];

const EXPECTED: readonly string[] = [...FOCUS_COLUMNS.map(({ name }) => name), ...REMOVED_COLUMNS, ...READ_CUSTOM];
const CANONICAL = new Map(EXPECTED.map((name) => [name.toLowerCase(), name]));
/** UP-7: any of these without Tags is Google's own export. */
const GOOGLE_COLUMNS = ["x_credits", "x_labels", "x_projectlabels", "x_systemlabels"];

export interface FocusOptions {
  /** Accept files without mandatory columns: the specification's excerpts, which tell one story each. */
  partial?: boolean;
}

/** Opens FOCUS files of any version as a bill. Refuses what is neither CSV nor Parquet and what lacks a mandatory column of its version. */
export async function openFocusBill(context: ReadContext<"focus-export">, options: FocusOptions = {}): Promise<Bill> {
  const { engine, source } = context;
  const files = context.deliveries.flatMap((delivery) => delivery.files);
  const foreign = files.find((file) => file.kind !== "csv" && file.kind !== "parquet");
  if (foreign !== undefined) {
    throw new GenOpsError("refused", "is neither CSV nor Parquet", { place: { file: foreign.name } });
  }
  const tables = await openRawTables(engine, files);
  const stated = source.version ?? context.deliveries.find(({ dataVersion }) => dataVersion !== undefined)?.dataVersion;
  const versions = new Map(tables.map((table) => [table, detectVersion(headersOf(table), stated)]));
  const google = tables.some(isGoogleNative);
  for (const table of tables) assertNoDuplicates(table);
  if (options.partial !== true) for (const [table, version] of versions) requireColumns(table, version, context);

  const kept = keptColumns(tables, (header) => CANONICAL.has(header.toLowerCase()));
  await createBillView(engine, tables, {
    expected: EXPECTED,
    canonical: (header) => CANONICAL.get(header.toLowerCase()),
    derived: (table) => ({
      ...kept.derived(table),
      focus_version: sqlText(versions.get(table) ?? "1.0"),
      credits_setting: sqlText(source.credits ?? "separate"),
      configured_currency: source.currency === undefined ? "NULL::VARCHAR" : sqlText(source.currency),
      configured_account: source.billingAccountId === undefined ? "NULL::VARCHAR" : sqlText(source.billingAccountId),
    }),
  });
  await readSlashDates(engine, source.dateFormat);
  await prepare(engine, google);
  return {
    mapping: mappingSql(tables),
    control: readSql(import.meta.url, google ? "google-control.sql" : "control.sql"),
    accounting: readSql(import.meta.url, google ? "google-accounting.sql" : "accounting.sql"),
    checks: [],
    parsedColumns: FOCUS_COLUMNS.filter(({ type }) => type === "decimal" || type === "datetime").map(
      ({ name }) => name,
    ),
    messages: messages(versions, kept.names, google, source.credits),
  };
}

function headersOf(table: RawTable): string[] {
  return table.columns.map(({ header }) => header);
}

function isGoogleNative(table: RawTable): boolean {
  const headers = new Set(headersOf(table).map((header) => header.toLowerCase()));
  return !headers.has("tags") && GOOGLE_COLUMNS.some((name) => headers.has(name));
}

/** Two columns of one FOCUS name are two answers to one question. */
function assertNoDuplicates(table: RawTable): void {
  const names = headersOf(table).map((header) => focusColumn(header)?.name);
  const twice = names.find((name, index) => name !== undefined && names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new GenOpsError("refused", `has the column ${twice} twice`, {
    place: { file: table.files[0]?.name ?? "", column: twice },
  });
}

/** Excused: what the configuration gives, billing periods, Google's ServiceCategory (UP-7), and a host that 1.3 still calls ProviderName. */
function requireColumns(table: RawTable, version: FocusVersion, context: ReadContext<"focus-export">): void {
  const headers = new Set(headersOf(table).map((header) => header.toLowerCase()));
  const excused = new Set(["BillingPeriodStart", "BillingPeriodEnd"]);
  if (context.source.currency !== undefined) excused.add("BillingCurrency");
  if (context.source.billingAccountId !== undefined) excused.add("BillingAccountId");
  if (isGoogleNative(table)) excused.add("ServiceCategory");
  if (headers.has("providername")) excused.add("HostProviderName").add("ServiceProviderName");
  const missing = mandatoryColumns(version).filter((name) => !excused.has(name) && !headers.has(name.toLowerCase()));
  if (missing.length === 0) return;
  const remedy =
    missing.includes("BillingCurrency") || missing.includes("BillingAccountId")
      ? "; the source's `currency` and `billingAccountId` can stand in for BillingCurrency and BillingAccountId"
      : "";
  throw new GenOpsError("refused", `lacks mandatory columns of FOCUS ${version}: ${missing.join(", ")}${remedy}`, {
    place: { file: table.files[0]?.name ?? "", column: missing[0] ?? "" },
  });
}

async function prepare(engine: SqlEngine, google: boolean): Promise<void> {
  for (const macro of spellingMacros()) await engine.run(macro);
  await engine.run(readSql(import.meta.url, "sku-price-details.sql"));
  if (google) {
    const reference = fileURLToPath(new URL("reference/gcp-category-mapping.csv", import.meta.url));
    await engine.run(`CREATE OR REPLACE TEMP TABLE google_category_mapping AS
      FROM read_csv(${sqlText(reference)}, header = true, all_varchar = true)`);
    await engine.run(readSql(import.meta.url, "google-native.sql"));
  } else await engine.run("CREATE OR REPLACE TEMP VIEW delivered AS FROM bill");
  await engine.run(readSql(import.meta.url, "typed.sql"));
}

/** UP-6: a macro per column with allowed values that gives them the spelling of the specification. */
function spellingMacros(): string[] {
  return FOCUS_COLUMNS.flatMap(({ name, allowedValues }) => {
    if (allowedValues === null) return [];
    const spelled = allowedValues
      .map((value) => `WHEN ${sqlText(value.toLowerCase())} THEN ${sqlText(value)}`)
      .join(" ");
    const right = allowedValues.map(sqlText).join(", ");
    return [
      `CREATE OR REPLACE TEMP MACRO spelled_${name}(t) AS
        CASE WHEN t IS NULL OR t IN (${right}) THEN t ELSE coalesce(CASE lower(t) ${spelled} END, t) END`,
    ];
  });
}

/** Columns that a rule reads and no file delivers would only be empty. */
function mappingSql(tables: readonly RawTable[]): string {
  const delivered = new Set(tables.flatMap(headersOf).map((header) => header.toLowerCase()));
  const absent = READ_CUSTOM.filter((name) => !WRITTEN.includes(name) && !delivered.has(name.toLowerCase()));
  const mapping = readSql(import.meta.url, "mapping.sql");
  return absent.length === 0 ? mapping : `SELECT * EXCLUDE (${absent.map(sqlName).join(", ")}) FROM (\n${mapping})`;
}

function messages(
  versions: ReadonlyMap<RawTable, FocusVersion>,
  kept: readonly string[],
  google: boolean,
  credits: "separate" | "included" | undefined,
): string[] {
  const found = [...new Set(versions.values())].sort();
  const unknown = kept.filter((name) => !focusColumn(name));
  return [
    `FOCUS ${found.join(" and ")}`,
    ...(unknown.length === 0
      ? []
      : [`kept as delivered: ${unknown.slice(0, 20).join(", ")}${unknown.length > 20 ? ", …" : ""}`]),
    ...(google && credits === undefined
      ? [
          "Google's own export: credits are taken as not contained in BilledCost; set `credits: included` if an invoice says otherwise",
        ]
      : []),
  ];
}
