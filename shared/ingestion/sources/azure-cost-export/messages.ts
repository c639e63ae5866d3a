import type { SourceConfigOf } from "../../../config/types.ts";
import type { SqlEngine } from "../../../ports/sql-engine.ts";

/** What a person should know about a delivery: what is missing, what was skipped, what nobody knows. */
export async function describeDelivery(
  engine: SqlEngine,
  source: SourceConfigOf<"azure-cost-export">,
): Promise<string[]> {
  const [totals = {}] = await engine.query(`SELECT bool_or(paired) AS paired, min(role) AS role,
      sum(commitment_purchases) FILTER (WHERE paired AND role = 'amortized') AS skipped
    FROM azure_facts`);
  const messages =
    totals["paired"] === true ? await unevenPeriods(engine) : [aloneMessage(String(totals["role"]), source)];
  const skipped = Number(totals["skipped"] ?? 0);
  if (skipped > 0) messages.push(`skipped ${skipped} commitment purchases or refunds inside the amortized file (AZ-1)`);
  return [...messages, ...(await unknownServices(engine))];
}

function aloneMessage(role: string, source: SourceConfigOf<"azure-cost-export">): string {
  const other = role === "actual" ? "amortized" : "actual";
  const why = source[other] === undefined ? `no ${other} file is configured` : `the ${other} file is missing`;
  return role === "actual"
    ? `${why}: commitment purchases are not spread over their term, so EffectiveCost lacks them and has no control total`
    : `${why}: purchases and refunds of commitments are missing, so BilledCost lacks them and has no control total`;
}

/** A billing period that only one of the two files covers cannot be complete. */
async function unevenPeriods(engine: SqlEngine): Promise<string[]> {
  const rows = await engine.query(`
    SELECT period, min(role) AS role FROM (
      SELECT DISTINCT role, strftime(azure_day(coalesce(BillingPeriodStartDate, Date)), '%Y-%m') AS period FROM azure_facts
    ) GROUP BY period HAVING count(*) = 1 ORDER BY period`);
  return rows.map((row) => {
    const other = row["role"] === "actual" ? "amortized" : "actual";
    return `billing period ${String(row["period"])} is only in the ${String(row["role"])} file; the ${other} file has no row of it`;
  });
}

/** what no table knows is counted. Rows without a meter category (refunds, rounding) have no service to know. */
async function unknownServices(engine: SqlEngine): Promise<string[]> {
  const rows = await engine.query(`
    SELECT coalesce(MeterCategory, consumed_service) AS name, sum(row_count) AS "rows" FROM azure_facts f
    LEFT JOIN azure_meter_categories m ON m.meter_category = f.MeterCategory
    WHERE coalesce(m.category, 'Other') = 'Other' AND coalesce(MeterCategory, consumed_service) IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM azure_services s WHERE s.ConsumedService = f.consumed_service)
    GROUP BY name ORDER BY name LIMIT 20`);
  return rows.map(
    (row) => `${String(row["rows"])} rows of the unknown service "${String(row["name"])}" have ServiceCategory Other`,
  );
}
