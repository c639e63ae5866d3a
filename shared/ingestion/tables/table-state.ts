import * as z from "zod";
import type { Month } from "../../core/period.ts";
import type { ObjectStore } from "../../ports/object-store.ts";
import { readState, updateState } from "../paged/state-document.ts";

/** What is known about one billing period of a table. Instants are BigQuery's texts. */
export interface MonthState {
  /** The oldest ingestion partition that holds rows of it: where reading begins. Absent: the table has no partitions. */
  firstPartition?: string | undefined;
  /** The newest `export_time` among its rows. */
  exportedAt: string;
  /** Rows came that are not in the ledger yet; the `exportedAt` that has to be read. */
  pending?: string | undefined;
  /** Time ran out when it was read last; nothing of that was kept. */
  ranOut?: boolean | undefined;
}

/** Where a source stands with its BigQuery table. */
export interface TableState {
  /** Another table begins anew. */
  table: string;
  /** Rows up to this `export_time` are known of; empty: none. */
  watermark: string;
  months: Record<Month, MonthState>;
}

const Schema: z.ZodType<TableState> = z.object({
  table: z.string(),
  watermark: z.string(),
  months: z.record(
    z.string(),
    z.object({
      firstPartition: z.string().optional(),
      exportedAt: z.string(),
      pending: z.string().optional(),
      ranOut: z.boolean().optional(),
    }),
  ),
});

function keyOf(source: string): string {
  return `sources/${source}/bigquery.json`;
}

/** Undefined when nothing is known, or only of another table. */
export async function readTableState(
  store: ObjectStore,
  source: string,
  table: string,
): Promise<TableState | undefined> {
  const state = (await readState(store, keyOf(source), Schema))?.value;
  return state?.table === table && state.watermark !== "" ? state : undefined;
}

/** Changes the state by compare-and-swap; `change` may run several times. */
export function updateTableState(
  store: ObjectStore,
  source: string,
  table: string,
  change: (before: TableState) => TableState,
): Promise<TableState> {
  const unknown: TableState = { table, watermark: "", months: {} };
  return updateState(store, keyOf(source), Schema, (state) => change(state?.table === table ? state : unknown));
}
