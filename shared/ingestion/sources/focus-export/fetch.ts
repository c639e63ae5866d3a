import { GenOpsError } from "../../../core/errors.ts";
import { addMonths, dayOf, type Month, monthOf } from "../../../core/period.ts";
import { openAthenaWarehouse } from "../../in-place/athena-warehouse.ts";
import { createBigQueryWarehouse } from "../../in-place/bigquery-warehouse.ts";
import { readGroups } from "../../in-place/read-groups.ts";
import type { Warehouse } from "../../in-place/warehouse.ts";
import { type BigQueryTable, describeTable, partsOfTable } from "../../tables/bigquery-table.ts";
import { type CappedQueries, cappedQueries } from "../../tables/capped-query.ts";
import { LEAST_MS } from "../../tables/read-month.ts";
import { readTableState } from "../../tables/table-state.ts";
import { type ExportShape, findTouchedMonths, settleMonth } from "../../tables/touched-months.ts";
import type { BillFetcher, FetchContext, FetchedBill, PeriodsContext } from "../fetcher.ts";
import { copyMonth } from "./copy-table.ts";

type Context = PeriodsContext<"focus-export">;

/** Google's own export says when each row was written; other FOCUS tables do not. */
export const GOOGLE_SHAPE: ExportShape = {
  month: "FORMAT_TIMESTAMP('%Y%m', BillingPeriodStart)",
  exportedAt: "x_ExportTime",
  day: "DATE(ChargePeriodStart)",
};

interface OpenTable {
  table: BigQueryTable;
  queries: CappedQueries;
  /** It can be asked what has changed. */
  watermarked: boolean;
}

/** Reads FOCUS tables of BigQuery, by copying their rows or in place, and of Athena, in place. */
export const focusTableFetcher: BillFetcher<"focus-export"> = {
  type: "focus-export",
  applies: ({ table, athena }) => table !== undefined || athena !== undefined,
  async periods(context) {
    if (context.source.table === undefined) return { periods: openPeriods(context), messages: [] };
    const { table, queries, watermarked } = await openTable(context, context.source.table);
    if (!watermarked) return { periods: openPeriods(context), messages: [] };
    const place = { store: context.store, source: context.source.id, queries };
    const { pending, messages } = await findTouchedMonths(place, table, GOOGLE_SHAPE);
    return { periods: pending, messages };
  },
  async fetch(context) {
    if (context.source.mode !== "in-place") return copy(context);
    if (context.deadline.remainingMs() < LEAST_MS)
      return { outcome: "later", afterMs: 0, messages: ["no time was left to read it"] };
    if (context.source.table === undefined) return groups(context, await openAthena(context));
    const open = await openTable(context, context.source.table);
    const pending = await pendingOf(context, open);
    const bill = await groups(
      context,
      createBigQueryWarehouse(open.table, open.queries, { loadedByGoogle: open.watermarked }),
    );
    if (bill.outcome !== "fetched" || pending === undefined) return bill;
    const { source, store, period } = context;
    return {
      ...bill,
      collected: () => settleMonth(store, source.id, open.table.id, { month: period, read: pending }),
    };
  },
};

async function copy(context: FetchContext<"focus-export">): Promise<FetchedBill> {
  const { source } = context;
  const { table, queries, watermarked } = await openTable(context, source.table ?? "");
  if (watermarked) return copyMonth({ ...context, source: source.id, table, queries, shape: GOOGLE_SHAPE });
  throw new GenOpsError(
    "config",
    `${table.id} has no ${GOOGLE_SHAPE.exportedAt}, so nobody can tell what has changed; read it with mode: in-place`,
    { place: { field: "mode" } },
  );
}

/** What the month's rows were known to be when reading began; undefined where the table does not tell. */
async function pendingOf({ source, store, period }: FetchContext<"focus-export">, open: OpenTable) {
  if (!open.watermarked) return undefined;
  return (await readTableState(store, source.id, open.table.id))?.months[period]?.exportedAt;
}

function groups(context: FetchContext<"focus-export">, warehouse: Warehouse): Promise<FetchedBill> {
  const { source, period, folder, scopeColumns = [] } = context;
  const { credits = "separate", currency } = source;
  return readGroups({ warehouse, period, folder, scopeColumns, credits, currency });
}

async function openTable({ source, apis }: Context, id: string): Promise<OpenTable> {
  const project = source.queryProject ?? partsOfTable(id).project;
  const queries = cappedQueries(await apis.bigQuery({ id: source.id, project }), source.maximumBytesBilled);
  const table = await describeTable(queries, id);
  return { table, queries, watermarked: table.columns.some(({ name }) => name === GOOGLE_SHAPE.exportedAt) };
}

async function openAthena({ source, apis }: Context): Promise<Warehouse> {
  const { athena } = source;
  if (athena === undefined) throw new GenOpsError("internal", "neither table nor athena");
  const api = await apis.athena({ id: source.id, region: athena.region });
  return openAthenaWarehouse(api, athena);
}

/** The current and the previous month: nobody can tell which others have changed. */
function openPeriods({ clock }: Pick<Context, "clock">): Month[] {
  const current = monthOf(dayOf(clock.evaluationNow()));
  return [addMonths(current, -1), current];
}
