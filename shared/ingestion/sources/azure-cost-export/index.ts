import type { SourceConfigOf } from "../../../config/types.ts";
import { GenOpsError } from "../../../core/errors.ts";
import { sqlName, sqlText } from "../../../ports/sql-engine.ts";
import { asText, createBillView } from "../../input/bill-view.ts";
import { keptColumns } from "../../input/kept-columns.ts";
import { openRawTables, type RawTable } from "../../input/raw-table.ts";
import { readSql } from "../../read-sql.ts";
import type { Bill, FileSource, ReadContext, SourceLocation } from "../bill.ts";
import {
  COST_SQL,
  canonicalName,
  DATE_COLUMNS,
  EXPECTED_COLUMNS,
  isDocumented,
  keptName,
  PARSED_COLUMNS,
} from "./columns.ts";
import { decideDateOrder } from "./date-order.ts";
import { findRow } from "./find-row.ts";
import { loadLookups } from "./lookups.ts";
import { describeDelivery } from "./messages.ts";
import { withoutAbsentColumns } from "./short-rows.ts";

type Context = ReadContext<"azure-cost-export">;

interface RoleTable {
  role: SourceLocation["role"];
  table: RawTable;
}

const COSTS = ["CostInBillingCurrency", "Cost", "PreTaxCost"];
/** A header that only MCA files have: their prices are in a pricing currency. */
const MCA_COLUMNS = ["CostInPricingCurrency", "PricingCurrency", "ExchangeRatePricingToBilling"];

const sql = (name: string) => readSql(import.meta.url, name);

/**
 * Microsoft cost details: EA, MCA and pay-as-you-go files, the actual and amortized file of a period together or either alone
 * (`reference/focus.md` §8, AZ-1 … AZ-9).
 */
export const azureCostExportSource: FileSource<"azure-cost-export"> = {
  type: "azure-cost-export",
  mappingVersion: 1,
  locations,
  open,
};

function locations(source: SourceConfigOf<"azure-cost-export">): readonly SourceLocation[] {
  return [
    ...(source.actual === undefined ? [] : [{ role: "actual" as const, location: source.actual }]),
    ...(source.amortized === undefined ? [] : [{ role: "amortized" as const, location: source.amortized }]),
  ];
}

async function open(context: Context): Promise<Bill> {
  const { engine, source } = context;
  const tables = await openByRole(context);
  for (const { table } of tables) requireColumns(table, source);
  // The engine takes a CSV or JSON bill for a few dozen rows and would build its hash tables from the bill instead of the lookups (L7).
  await engine.run("SET disabled_optimizers = 'join_order,build_side_probe_side'");
  await loadLookups(engine);
  await createView(context, tables);
  await engine.run(sql("macros.sql"));
  await engine.run(sql("facts.sql"));
  await requireValues(context, tables);
  await prepareDates(context, tables);
  await engine.run(sql("services.sql"));
  // AZ-7: a file divides by the block where its own prices fit only that way.
  await engine.run(`CREATE OR REPLACE TEMP TABLE azure_block_files AS
    SELECT source_file, sum(fits_divided) > sum(fits_plain) AS divides FROM azure_facts GROUP BY source_file`);
  return {
    mapping: sql("mapping.sql"),
    control: sql("control.sql"),
    accounting: sql("accounting.sql"),
    checks: [],
    warnings: [
      {
        message: "exchange rate × cost in pricing currency is not the cost in billing currency (AZ-9)",
        sql: sql("exchange-check.sql"),
      },
      { message: "tags are no flat JSON object and were kept as x_TagsRaw (AZ-8)", sql: sql("tags-check.sql") },
    ],
    parsedColumns: PARSED_COLUMNS,
    origins: { BilledCost: COST_SQL, EffectiveCost: COST_SQL },
    messages: await describeDelivery(engine, source),
  };
}

async function openByRole({ engine, deliveries }: Context): Promise<RoleTable[]> {
  const tables: RoleTable[] = [];
  for (const role of ["actual", "amortized"] as const) {
    const files = deliveries.filter((delivery) => delivery.role === role).flatMap((delivery) => delivery.files);
    if (files.length === 0) continue;
    for (const table of await openRawTables(engine, files)) {
      tables.push({ role, table: await withoutAbsentColumns(engine, table) });
    }
  }
  if (tables.length === 0) throw new GenOpsError("refused", "neither an actual nor an amortized file was delivered");
  return tables;
}

function requireColumns(table: RawTable, source: SourceConfigOf<"azure-cost-export">): void {
  const has = (name: string) => table.columns.some(({ header }) => canonicalName(header) === name);
  const missing = [
    ...(COSTS.some(has) ? [] : [COSTS.join(" or ")]),
    ...(has("Date") ? [] : ["Date"]),
    ...(has("BillingCurrency") || source.currency !== undefined ? [] : ["BillingCurrency (or the source's currency)"]),
    ...(has("BillingAccountId") || has("BillingProfileId") || source.billingAccountId !== undefined
      ? []
      : ["BillingAccountId (or the source's billingAccountId)"]),
  ];
  if (missing.length === 0) return;
  const [file] = table.files;
  throw new GenOpsError("refused", `is no Azure cost export: missing ${missing.join(", ")}`, {
    place: file === undefined ? {} : { file: file.name },
  });
}

async function createView({ engine, source }: Context, tables: readonly RoleTable[]): Promise<void> {
  const raw = tables.map(({ table }) => table);
  const kept = keptColumns(raw, isDocumented, keptName);
  const roles = new Map(tables.map(({ role, table }) => [table, role]));
  const paired = new Set(roles.values()).size === 2;
  const constant = (value: string | undefined) => (value === undefined ? "NULL::VARCHAR" : sqlText(value));
  await createBillView(engine, raw, {
    expected: EXPECTED_COLUMNS.filter((name) => name !== "ChargeType" && name !== "PricingModel"),
    canonical: canonicalName,
    derived: (table) => ({
      ...kept.derived(table),
      ChargeType: columnOr(table, "ChargeType", "Usage"),
      PricingModel: columnOr(table, "PricingModel", "OnDemand"),
      role: constant(roles.get(table)),
      paired: String(paired),
      agreement: table.columns.some(({ header }) => MCA_COLUMNS.includes(canonicalName(header) ?? ""))
        ? "'MCA'"
        : "'EA'",
      configured_currency: constant(source.currency),
      configured_account: constant(source.billingAccountId),
    }),
  });
}

/** A column that is not there at all means a default; an empty cell stays empty. */
function columnOr(table: RawTable, name: string, fallback: string): string {
  const column = table.columns.find(({ header }) => canonicalName(header) === name);
  return column === undefined ? sqlText(fallback) : asText(column);
}

async function requireValues({ engine, source }: Context, tables: readonly RoleTable[]): Promise<void> {
  if (source.currency !== undefined) return;
  const [found] = await engine.query("SELECT source_file FROM azure_facts WHERE without_currency > 0 LIMIT 1");
  if (found === undefined) return;
  const file = tables.flatMap(({ table }) => table.files).find(({ readPath }) => readPath === found["source_file"]);
  throw new GenOpsError("refused", "rows without a currency; set the source's currency", {
    place: { ...(file === undefined ? {} : { file: file.name }), column: "BillingCurrency" },
  });
}

/** Decides the order of day and month for the whole delivery and defines `azure_day`; refuses what is no date. */
async function prepareDates({ engine, source }: Context, tables: readonly RoleTable[]): Promise<void> {
  const columns = DATE_COLUMNS.map((name) => `SELECT ${sqlName(name)} AS text FROM azure_facts`).join(" UNION ");
  const rows = await engine.query(`SELECT text FROM (${columns}) WHERE text IS NOT NULL ORDER BY text`);
  const verdict = decideDateOrder(
    rows.map((row) => String(row["text"])),
    source.dateFormat,
  );
  if (!verdict.ok) {
    const raw = tables.map(({ table }) => table);
    throw new GenOpsError("refused", verdict.reason, { place: await findRow(engine, raw, DATE_COLUMNS, verdict.text) });
  }
  const format = verdict.order === "DMY" ? "%d/%m/%Y" : "%m/%d/%Y";
  await engine.run(`CREATE OR REPLACE TEMP MACRO azure_day(t) AS
    CASE WHEN contains(t, '/') THEN strptime(t, '${format}') ELSE date_trunc('day', instant(t))::TIMESTAMP END`);
}
