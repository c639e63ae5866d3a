import type { SourceConfigOf } from "../../../config/types.ts";
import { GenOpsError } from "../../../core/errors.ts";
import { type BigQueryTable, columnSql, describeTable, partsOfTable } from "../../tables/bigquery-table.ts";
import { type CappedQueries, cappedQueries } from "../../tables/capped-query.ts";
import { readMonth } from "../../tables/read-month.ts";
import { type ExportShape, findTouchedMonths } from "../../tables/touched-months.ts";
import type { BillFetcher, FetchContext, PeriodsContext } from "../fetcher.ts";
import { MANDATORY } from "./fields.ts";

type Source = SourceConfigOf<"gcp-billing-export">;

/** Rows without an invoice month are of their usage's month, as in the mapping (GCP-7). */
const SHAPE: ExportShape = {
  month: "COALESCE(invoice.month, FORMAT_TIMESTAMP('%Y%m', usage_start_time))",
  exportedAt: "export_time",
  day: "DATE(usage_start_time)",
};

/**
 * Reads Google's billing export from its BigQuery table: the invoice months that were touched since the last time, each as a whole
 * . Their rows take the road of an extract's NDJSON.
 */
export const gcpBillingExportFetcher: BillFetcher<"gcp-billing-export"> = {
  type: "gcp-billing-export",
  applies: ({ table }) => table !== undefined,
  async periods(context) {
    const { queries, table } = await openTable(context);
    const { pending, messages } = await findTouchedMonths(
      { store: context.store, source: context.source.id, queries },
      table,
      SHAPE,
    );
    return { periods: pending, messages };
  },
  async fetch(context: FetchContext<"gcp-billing-export">) {
    const { queries, table } = await openTable(context);
    return readMonth({
      ...context,
      source: context.source.id,
      queries,
      table,
      shape: SHAPE,
      // By name: only columns are paid for that are known of, and pseudo columns are none.
      select: table.columns.map(({ name }) => columnSql(name)),
    });
  },
};

async function openTable({
  source,
  apis,
}: PeriodsContext<"gcp-billing-export">): Promise<{ queries: CappedQueries; table: BigQueryTable }> {
  const id = tableOf(source);
  const project = source.queryProject ?? partsOfTable(id).project;
  const queries = cappedQueries(await apis.bigQuery({ id: source.id, project }), source.maximumBytesBilled);
  const table = await describeTable(queries, id);
  const missing = [...MANDATORY, SHAPE.exportedAt].filter(
    (name) => !table.columns.some((column) => column.name === name),
  );
  if (missing.length > 0) {
    throw new GenOpsError("refused", `${id} is no Google Cloud billing export: missing ${missing.join(", ")}`);
  }
  return { queries, table };
}

function tableOf({ table = "" }: Source): string {
  if (!partsOfTable(table).name.startsWith("gcp_billing_export_focus_")) return table;
  throw new GenOpsError(
    "config",
    `${table} is Google's own FOCUS export; read it with type: focus-export and the same table`,
    { place: { field: "table" } },
  );
}
