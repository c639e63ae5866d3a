import { formatFixed, fromInteger, multiplyDivide, parseDecimal } from "../../core/decimal.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { AthenaApi } from "../../ports/billing-apis.ts";
import { sqlText } from "../../ports/sql-engine.ts";
import type { TableColumn } from "../tables/bigquery-table.ts";
import { sizeText } from "../tables/capped-query.ts";
import { athenaDialect, isText } from "./dialect.ts";
import type { TextRow, Warehouse } from "./warehouse.ts";

export interface AthenaTable {
  database: string;
  table: string;
  /** Default: `primary`. */
  workgroup?: string;
  /** `s3://…` for results, where the workgroup does not say. */
  output?: string;
  region?: string;
}

/** Per TB, on demand, [assumed]. */
const USD_PER_TERABYTE = parseDecimal("5");
const TERABYTE = fromInteger(10n ** 12n);
/** AWS's exports are partitioned by `billing_period=2024-09`. */
const PERIOD_PARTITION = "billing_period";

/** An Athena table. Its workgroup must limit what one query reads: Athena takes no such limit with the query. */
export async function openAthenaWarehouse(api: AthenaApi, place: AthenaTable): Promise<Warehouse> {
  const { database, table, workgroup = "primary", output } = place;
  await assertLimited(api, workgroup);
  let read = 0n;
  const run = async (sql: string): Promise<AsyncIterable<TextRow>> => {
    const { columns, rows, bytesScanned } = await api.query({ sql, database, workgroup, output });
    read += bytesScanned;
    return textRows(columns, rows);
  };
  const columns = await describe(run, place);
  const { quote } = athenaDialect;
  return {
    name: `Athena table ${database}.${table}`,
    from: `${quote(database)}.${quote(table)}`,
    columns,
    dialect: athenaDialect,
    pruning: (period) =>
      columns.some(({ name, type }) => name === PERIOD_PARTITION && isText(type))
        ? [`${quote(PERIOD_PARTITION)} = '${period}'`]
        : [],
    query: (_what, sql) => run(sql),
    summary: () => `Athena read ${sizeText(read)}, about ${costText(read)} USD`,
  };
}

async function assertLimited(api: AthenaApi, workgroup: string): Promise<void> {
  if ((await api.scanLimit(workgroup)) !== undefined) return;
  throw new GenOpsError(
    "config",
    `the workgroup ${workgroup} lets a query read as much as it likes; set its per-query data usage control (BytesScannedCutoffPerQuery), or name another workgroup`,
    { place: { field: "athena.workgroup" } },
  );
}

async function describe(
  run: (sql: string) => Promise<AsyncIterable<TextRow>>,
  { database, table }: AthenaTable,
): Promise<TableColumn[]> {
  const rows = await run(
    `SELECT column_name, data_type FROM information_schema.columns
WHERE table_schema = ${sqlText(database.toLowerCase())} AND table_name = ${sqlText(table.toLowerCase())} ORDER BY ordinal_position`,
  );
  const columns: TableColumn[] = [];
  for await (const row of rows) columns.push({ name: row.get("column_name") ?? "", type: row.get("data_type") ?? "" });
  if (columns.length > 0) return columns;
  throw new GenOpsError("config", `Athena has no table ${database}.${table}`, { place: { field: "athena.table" } });
}

async function* textRows(
  columns: readonly string[],
  rows: AsyncIterable<readonly (string | null)[]>,
): AsyncIterable<TextRow> {
  const names = columns.map((name) => name.toLowerCase());
  for await (const row of rows) yield new Map(names.map((name, index) => [name, row[index] ?? null]));
}

function costText(bytes: bigint): string {
  return formatFixed(multiplyDivide(fromInteger(bytes), USD_PER_TERABYTE, TERABYTE), 4);
}
