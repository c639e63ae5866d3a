import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

/** What an hour of a service costs; undefined: no line. */
export type HourlyCost = (hour: Date, service: string) => number | undefined;

const FIXTURE = path.resolve(import.meta.dirname, "../fixtures/billing/aws_cur2_synth.csv");
const HOUR_MS = 3_600_000;

/**
 * Writes a Cost and Usage Report (CUR 2.0, CSV) by the hour, in the columns of the fixture: one line per hour and service from the first hour
 * up to the end, which is exclusive.
 */
export async function writeHourlyCur(
  file: string,
  { start, end, services }: { start: string; end: string; services: readonly string[] },
  costOf: HourlyCost,
): Promise<void> {
  const [header = ""] = (await readFile(FIXTURE, "utf8")).split("\n", 1);
  const columns = header.trim().split(",");
  const lines = [header.trim()];
  for (let at = Date.parse(start); at < Date.parse(end); at += HOUR_MS) {
    for (const service of services) {
      const cost = costOf(new Date(at), service);
      if (cost === undefined) continue;
      const cells = cellsOf(at, service, cost.toFixed(6));
      lines.push(columns.map((name) => cells[name] ?? "").join(","));
    }
  }
  await writeFile(file, `${lines.join("\n")}\n`);
}

function cellsOf(at: number, service: string, cost: string): Readonly<Record<string, string>> {
  const [from, to] = [new Date(at), new Date(at + HOUR_MS)].map((one) => one.toISOString());
  const month = (offset: number) =>
    new Date(Date.UTC(new Date(at).getUTCFullYear(), new Date(at).getUTCMonth() + offset, 1)).toISOString();
  return {
    bill_bill_type: "Anniversary",
    bill_billing_entity: "AWS",
    bill_billing_period_start_date: month(0),
    bill_billing_period_end_date: month(1),
    bill_invoicing_entity: "Amazon Web Services Inc.",
    bill_payer_account_id: "999900000001",
    identity_line_item_id: `${service}-${at}`,
    identity_time_interval: `${from}/${to}`,
    line_item_currency_code: "USD",
    line_item_legal_entity: "Amazon Web Services Inc.",
    line_item_line_item_description: `Use of ${service}`,
    line_item_line_item_type: "Usage",
    line_item_operation: "Run",
    line_item_product_code: service,
    line_item_unblended_cost: cost,
    line_item_unblended_rate: cost,
    line_item_usage_account_id: "111122223333",
    line_item_usage_amount: "1",
    line_item_usage_end_date: String(to),
    line_item_usage_start_date: String(from),
    line_item_usage_type: "Hours",
    pricing_currency: "USD",
    pricing_public_on_demand_cost: cost,
    pricing_public_on_demand_rate: cost,
    pricing_term: "OnDemand",
    pricing_unit: "Hrs",
    product_product_family: "Compute Instance",
    product_region_code: "us-east-1",
    product_servicecode: service,
    product_sku: `SKU${service}`,
    product_usagetype: "Hours",
  };
}
