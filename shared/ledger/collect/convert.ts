import path from "node:path";
import { GenOpsError } from "../../core/errors.ts";
import { isMonth } from "../../core/period.ts";
import { type BrokenRule, checkConformance } from "../../ingestion/focus/conformance.ts";
import { focusRowsSql } from "../../ingestion/focus/schema.ts";
import type { Bill, BillCheck, StagedDelivery } from "../../ingestion/sources/bill.ts";
import type { Progress } from "../../ports/progress.ts";
import { type SqlEngine, type SqlRow, sqlName } from "../../ports/sql-engine.ts";
import { columnsOf, PROVIDER_SQL } from "../dimensions.ts";
import type { ConformanceFinding, VersionTotals } from "../versions.ts";
import { type AccountingLine, assertBalanced, readAccounting, sourceRows } from "./accounting.ts";
import { readControl, type SourceControl } from "./control-totals.ts";
import { findValue } from "./explain-refusal.ts";
import { parquetOf, writeParquet } from "./write-rows.ts";

/** A bill as FOCUS rows in local Parquet files, not yet in the lake. */
export interface Converted {
  periods: ConvertedPeriod[];
  control: SourceControl | undefined;
  accounting: AccountingLine[];
  conformance: ConformanceFinding[];
  messages: string[];
}

export interface ConvertedPeriod {
  billingPeriod: string;
  rows: number;
  totals: VersionTotals[];
  providers: string[];
  files: string[];
}

export interface ConvertOptions {
  workDir: string;
  /** A vendor's own FOCUS export: its known gaps are warnings. */
  nativeExport: boolean;
  /** One file per billing period, however large: a part of a bill has names of its own in the lake. */
  oneFile?: boolean;
  progress?: Progress;
}

/**
 * Runs an opened bill or a part of one: checks, row accounting (INV-6), conversion, conformance, split by billing period. Refuses rather
 * than guesses. What only the whole bill can show (`assertWhole`) is for the caller to ask.
 */
export async function convertBill(
  engine: SqlEngine,
  bill: Bill,
  deliveries: readonly StagedDelivery[],
  options: ConvertOptions,
): Promise<Converted> {
  const { workDir, nativeExport, oneFile } = options;
  await runChecks(engine, bill.checks, deliveries);
  const accounting = readAccounting(await engine.query(bill.accounting));
  const control = bill.control === undefined ? undefined : readControl(await engine.query(bill.control));
  const total = sourceRows(accounting);
  const step = `mapping ${deliveries[0]?.files[0]?.name ?? "rows"}`;
  // The engine cannot tell how far a mapping with joins is, so beginning and end have to do.
  options.progress?.report(step, 0, total, "rows");
  const all = await writeParquet(engine, await rowsSql(engine, bill), path.join(workDir, "all"), oneFile);
  options.progress?.report(step, total, total, "rows");
  assertBalanced(accounting, await countRows(engine, all));
  const report = await checkConformance(engine, parquetOf(all), { nativeExport });
  const fatal = report.rules.find((rule) => rule.refuses);
  if (fatal !== undefined) throw await refusalOf(engine, bill, fatal, deliveries);
  return {
    periods: await splitByPeriod(engine, all, options),
    control,
    accounting,
    conformance: report.rules.map(({ id, severity, message, rows, examples }) => ({
      rule: id,
      severity,
      message,
      rows,
      examples: examples.map(({ column, value }) => `${column}=${value ?? "null"}`),
    })),
    messages: [...bill.messages, ...(await warningsOf(engine, bill))],
  };
}

/** Rows were written already; the value that is wrong is looked for in the bill, so that the message can point to it. */
async function refusalOf(
  engine: SqlEngine,
  bill: Bill,
  rule: BrokenRule,
  deliveries: readonly StagedDelivery[],
): Promise<GenOpsError> {
  const files = deliveries.flatMap((delivery) => delivery.files);
  const { column = "", value = null } = rule.examples[0] ?? {};
  const delivered = (await columnsOf(engine, "bill"))
    .filter(({ name, type }) => type === "VARCHAR" && name !== "source_file")
    .map(({ name }) => ({ name, sql: sqlName(name) }));
  const origin = bill.origins?.[column];
  const taken =
    origin === undefined ? delivered.filter(({ name }) => name === column) : [{ name: column, sql: origin }];
  const found = await findValue(engine, value, files, value === null ? taken : delivered);
  const place = found.file !== undefined || files.length !== 1 ? found : { file: files[0]?.name ?? "", column };
  return new GenOpsError("refused", `${rule.message} in ${rule.rows} rows${examplesOf(rule.examples)}`, { place });
}

/** Every row says whether it is from a bill or from a meter (`reference/focus.md` §11), so that the cube need not guess. */
async function rowsSql(engine: SqlEngine, bill: Bill): Promise<string> {
  const columns = await columnsOf(engine, `(${bill.mapping})`);
  const rows = focusRowsSql(bill.mapping, columns);
  return columns.some(({ name }) => name === "x_CostSource")
    ? rows
    : `SELECT *, 'billed' AS x_CostSource FROM (${rows})`;
}

function examplesOf(examples: readonly { column: string; value: string | null }[]): string {
  return examples.length === 0
    ? ""
    : `, e.g. ${examples.map(({ column, value }) => `${column} ${JSON.stringify(value)}`).join(", ")}`;
}

async function runChecks(
  engine: SqlEngine,
  checks: readonly BillCheck[],
  deliveries: readonly StagedDelivery[],
): Promise<void> {
  for (const check of checks) {
    const [row] = await engine.query(`SELECT * FROM (${check.sql}) LIMIT 1`);
    if (row === undefined) continue;
    const file = deliveries.flatMap(({ files }) => files).find(({ readPath }) => readPath === row["source_file"]);
    const value = row["value"] == null ? "" : `: ${JSON.stringify(row["value"])}`;
    throw new GenOpsError("refused", `${check.message}${value}`, {
      place: {
        ...(file === undefined ? {} : { file: file.name }),
        ...(row["row"] == null ? {} : { row: Number(row["row"]) }),
        ...(row["column_name"] == null ? {} : { column: String(row["column_name"]) }),
      },
    });
  }
}

async function warningsOf(engine: SqlEngine, bill: Bill): Promise<string[]> {
  const messages: string[] = [];
  for (const check of bill.warnings ?? []) {
    const [row] = await engine.query(`SELECT count(*) AS n, min(value) AS example FROM (${check.sql})`);
    const count = Number(row?.["n"] ?? 0);
    if (count > 0) messages.push(`${check.message} (${count} rows, e.g. ${JSON.stringify(row?.["example"])})`);
  }
  return messages;
}

async function countRows(engine: SqlEngine, files: readonly string[]): Promise<number> {
  if (files.length === 0) return 0;
  const [row] = await engine.query(`SELECT count(*) AS n FROM ${parquetOf(files)}`);
  return Number(row?.["n"] ?? 0);
}

async function splitByPeriod(
  engine: SqlEngine,
  all: readonly string[],
  { workDir, oneFile }: ConvertOptions,
): Promise<ConvertedPeriod[]> {
  if (all.length === 0) return [];
  const month = "strftime(BillingPeriodStart, '%Y-%m')";
  const sums = await engine.query(
    `SELECT ${month} AS period, BillingCurrency AS currency, count(*) AS rows, sum(BilledCost) AS billed, sum(EffectiveCost) AS effective,
       sum(abs(BilledCost)) AS absolute, list(DISTINCT ${PROVIDER_SQL}) AS providers
     FROM ${parquetOf(all)} GROUP BY ALL ORDER BY 1, 2`,
  );
  const periods = [...new Set(sums.map((row) => String(row["period"])))];
  const bad = periods.find((period) => !isMonth(period));
  if (bad !== undefined) throw new GenOpsError("refused", `rows without a billing period (${bad})`);
  const result: ConvertedPeriod[] = [];
  for (const billingPeriod of periods) {
    const own = sums.filter((row) => row["period"] === billingPeriod);
    const files =
      periods.length === 1
        ? [...all]
        : await writeParquet(
            engine,
            `SELECT * FROM ${parquetOf(all)} WHERE ${month} = '${billingPeriod}'`,
            path.join(workDir, billingPeriod),
            oneFile,
          );
    result.push({
      billingPeriod,
      rows: own.reduce((sum, row) => sum + Number(row["rows"]), 0),
      totals: own.map(totalsOf),
      providers: [...new Set(own.flatMap((row) => row["providers"] as string[]))].sort(),
      files,
    });
  }
  return result;
}

function totalsOf(row: SqlRow): VersionTotals {
  return {
    currency: String(row["currency"]),
    billed: plain(row["billed"]),
    effective: plain(row["effective"]),
    absoluteBilled: plain(row["absolute"]),
  };
}

/** `1.500000000000000000` → `1.5`. */
function plain(value: unknown): string {
  const text = String(value);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
