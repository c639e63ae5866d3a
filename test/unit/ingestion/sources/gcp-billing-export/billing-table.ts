import path from "node:path";
import { type BigQueryStub, describeInStub } from "../../../../support/bigquery-stub.ts";
import { FIXTURES } from "../support.ts";

export const TABLE = "genops-billing.billing.gcp_billing_export_resource_v1_01F9C2_7A3B5D_E84A60";

const PAIRS = "STRUCT(key VARCHAR, value VARCHAR)[]";
const INSTANTS = ["usage_start_time", "usage_end_time", "export_time"];

/** The documented columns (`reference/clouds.md` §3.1), as DuckDB types. */
const COLUMNS: Readonly<Record<string, string>> = {
  billing_account_id: "VARCHAR",
  service: "STRUCT(id VARCHAR, description VARCHAR)",
  sku: "STRUCT(id VARCHAR, description VARCHAR)",
  usage_start_time: "VARCHAR",
  usage_end_time: "VARCHAR",
  project: `STRUCT(id VARCHAR, number VARCHAR, name VARCHAR, ancestry_numbers VARCHAR, ancestors STRUCT(resource_name VARCHAR, display_name VARCHAR)[], labels ${PAIRS})`,
  labels: PAIRS,
  system_labels: PAIRS,
  location: "STRUCT(location VARCHAR, country VARCHAR, region VARCHAR, zone VARCHAR)",
  tags: "STRUCT(key VARCHAR, value VARCHAR, inherited BOOLEAN, namespace VARCHAR)[]",
  transaction_type: "VARCHAR",
  seller_name: "VARCHAR",
  export_time: "VARCHAR",
  cost: "DOUBLE",
  currency: "VARCHAR",
  currency_conversion_rate: "DOUBLE",
  usage: "STRUCT(amount DOUBLE, unit VARCHAR, amount_in_pricing_units DOUBLE, pricing_unit VARCHAR)",
  credits: "STRUCT(name VARCHAR, amount DOUBLE, full_name VARCHAR, id VARCHAR, type VARCHAR)[]",
  invoice: "STRUCT(month VARCHAR, publisher_type VARCHAR)",
  cost_type: "VARCHAR",
  adjustment_info: "STRUCT(id VARCHAR, mode VARCHAR, description VARCHAR, type VARCHAR)",
  cost_at_list: "DOUBLE",
  price:
    "STRUCT(effective_price DECIMAL(38,9), tier_start_amount DECIMAL(38,9), unit VARCHAR, pricing_unit_quantity DECIMAL(38,9))",
  resource: "STRUCT(name VARCHAR, global_name VARCHAR)",
  subscription: "STRUCT(instance_id VARCHAR)",
};

export const FIXTURE_ROWS: string = path.join(FIXTURES, "gcp_detailed_export_synth.ndjson");

/** Makes the export's table of NDJSON rows: day partitions by ingestion, columns in INFORMATION_SCHEMA. */
export async function makeBillingTable(stub: BigQueryStub, file: string, name = TABLE): Promise<void> {
  await stub.run(`CREATE OR REPLACE TABLE "${name}" AS ${rowsSql(file)}`);
  await describeInStub(stub, name);
}

/** Google loads more rows. */
export async function loadRows(stub: BigQueryStub, file: string, name = TABLE): Promise<void> {
  await stub.run(`INSERT INTO "${name}" BY NAME ${rowsSql(file)}`);
}

function rowsSql(file: string): string {
  const columns = Object.entries(COLUMNS).map(([column, type]) => `${column}: '${type}'`);
  const instants = INSTANTS.map((column) => `replace(${column}, ' UTC', '')::TIMESTAMP AS ${column}`);
  return `SELECT * REPLACE (${instants.join(", ")}), date_trunc('day', replace(export_time, ' UTC', '')::TIMESTAMP)::TIMESTAMP AS _PARTITIONTIME
    FROM read_ndjson('${file}', columns = {${columns.join(", ")}})`;
}
