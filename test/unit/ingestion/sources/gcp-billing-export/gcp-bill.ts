import path from "node:path";
import type { SourceConfigOf } from "../../../../../shared/config/types.ts";
import type { Bill } from "../../../../../shared/ingestion/sources/bill.ts";
import { gcpBillingExportSource } from "../../../../../shared/ingestion/sources/gcp-billing-export/index.ts";
import type { SqlEngine, SqlRow } from "../../../../../shared/ports/sql-engine.ts";
import { FIXTURES, type MappedBill, mapFiles, type TestFile, withBill } from "../support.ts";

export const CONFIG: SourceConfigOf<"gcp-billing-export"> = {
  id: "gcp",
  type: "gcp-billing-export",
  location: "rows.ndjson",
};
export const FIXTURE = path.join(FIXTURES, "gcp_detailed_export_synth.ndjson");

/** A plain hour of usage; a test changes what its rule is about. `undefined` leaves a key out. */
export const USAGE = {
  billing_account_id: "01F9C2_7A3B5D_E84A60",
  service: { id: "6F81", description: "Compute Engine" },
  sku: { id: "2E27", description: "N1 Core" },
  usage_start_time: "2024-09-03 07:00:00 UTC",
  usage_end_time: "2024-09-03 08:00:00 UTC",
  project: { id: "ml-prod", number: "42", name: "ML", labels: [] },
  labels: [],
  system_labels: [],
  location: { location: "us-central1-a", region: "us-central1", zone: "us-central1-a" },
  tags: [],
  transaction_type: "GOOGLE",
  cost: 10,
  currency: "USD",
  currency_conversion_rate: 1,
  usage: { amount: 7200, unit: "seconds", amount_in_pricing_units: 2, pricing_unit: "hour" },
  credits: [],
  invoice: { month: "202409" },
  cost_type: "regular",
  cost_at_list: 12,
  price: { effective_price: "5", tier_start_amount: "0" },
};

export type RowChanges = Readonly<Record<string, unknown>>;

export function ndjson(rows: readonly RowChanges[]): string {
  return `${rows.map((row) => JSON.stringify({ ...USAGE, ...row })).join("\n")}\n`;
}

export function credit(type: string, amount: number | string): RowChanges {
  return { name: `${type} credit`, amount, full_name: "", id: type, type };
}

export function mapText(content: string, config: Partial<typeof CONFIG> = {}): Promise<MappedBill> {
  return mapFiles(gcpBillingExportSource, { ...CONFIG, ...config }, [{ name: "rows.ndjson", content }]);
}

export function mapBill(rows: readonly RowChanges[], config: Partial<typeof CONFIG> = {}): Promise<MappedBill> {
  return mapText(ndjson(rows), config);
}

export async function mapRow(changes: RowChanges): Promise<SqlRow> {
  const { rows } = await mapBill([changes]);
  return rows[0] ?? {};
}

export function withFile<R>(file: TestFile, use: (bill: Bill, engine: SqlEngine) => Promise<R>): Promise<R> {
  return withBill(gcpBillingExportSource, CONFIG, [file], use);
}
