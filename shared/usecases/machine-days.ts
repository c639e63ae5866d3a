import type { MachineDay } from "../clusters/costs/bill-prices.ts";
import { BY_TIME_SQL, COMMITTED_SQL, MACHINE_KEY_SQL, machineOf } from "../clusters/costs/node-ids.ts";
import type { ClusterNode } from "../clusters/inventory/types.ts";
import { type Decimal, parseDecimal } from "../core/decimal.ts";
import { addDays, type Day, monthOf } from "../core/period.ts";
import { convert, NO_RATES } from "../core/rates.ts";
import { type OpenCostsDeps, openRows, readVersions } from "../ledger/open-costs.ts";
import { type SqlRow, sqlText } from "../ports/sql-engine.ts";
import type { Runtime } from "./runtime.ts";

/** FOCUS columns without which a row of a machine cannot be found or read. */
const NEEDED = [
  "ResourceId",
  "ResourceName",
  "AvailabilityZone",
  "ConsumedQuantity",
  "ConsumedUnit",
  "CommitmentDiscountId",
  "PricingCategory",
];

/** What nodes cost per day by the bill, from `start` to before `end` (a month at most), in the currency of reports. */
export async function machineDays(
  runtime: Runtime,
  nodes: readonly ClusterNode[],
  { start, end }: { start: Day; end: Day },
): Promise<MachineDay[]> {
  const keys = [...new Set(nodes.flatMap(({ providerId }) => machineOf(providerId ?? "")?.keys ?? []))];
  if (keys.length === 0 || start >= end) return [];
  const billingPeriods = [...new Set([monthOf(start), monthOf(addDays(end, -1))])];
  const sources = await readableSources(runtime, billingPeriods);
  if (sources.length === 0) return [];
  const rows = await runtime.withCosts(async (deps) => {
    await openRows(deps, { ...runtime.costsQuery(), sources, billingPeriods }, NEEDED);
    return readMachines(deps, keys, { start, end });
  });
  return rows.map((row) => machineDay(runtime, row));
}

/** Sources whose rows can be read here and tell machines apart. */
async function readableSources(runtime: Runtime, billingPeriods: readonly string[]): Promise<string[]> {
  const { clusters = [] } = runtime.costsQuery();
  const bills = runtime.config.sources
    .map(({ id }) => id)
    .filter((id) => runtime.isHere(id) && !clusters.some(({ source }) => source === id));
  const versions = await readVersions(runtime.lake, { asOf: runtime.asOf, sources: bills, billingPeriods });
  const tells = ({ inPlace }: (typeof versions)[number]) =>
    inPlace === undefined || NEEDED.every((name) => inPlace.columns.includes(name));
  const silent = new Set(versions.filter((version) => !tells(version)).map(({ source }) => source));
  return [...new Set(versions.map(({ source }) => source))].filter((source) => !silent.has(source));
}

function readMachines(
  { engine }: OpenCostsDeps,
  keys: readonly string[],
  { start, end }: { start: Day; end: Day },
): Promise<SqlRow[]> {
  return engine.query(
    `WITH wanted AS (SELECT unnest([${keys.map(sqlText).join(", ")}]) AS key),
     machine_rows AS (
       SELECT ${MACHINE_KEY_SQL} AS key, ChargePeriodStart::DATE::VARCHAR AS day, BillingCurrency AS currency, EffectiveCost AS cost,
         ConsumedQuantity AS quantity, lower(ConsumedUnit) AS unit,
         ${COMMITTED_SQL} AS committed
       FROM cost_rows
       WHERE ChargePeriodStart >= DATE ${sqlText(start)} AND ChargePeriodStart < DATE ${sqlText(end)} AND ResourceId IS NOT NULL
         AND ChargeCategory IN ('Usage', 'Credit', 'Adjustment'))
     SELECT key, day, currency, sum(cost)::DECIMAL(38,18) AS effective,
       coalesce(sum(cost) FILTER (committed), 0)::DECIMAL(38,18) AS committed,
       sum(quantity) FILTER (unit IN ('hours', 'hour', 'hrs', 'hr', 'h'))::DECIMAL(38,18) AS hours
     FROM machine_rows SEMI JOIN wanted USING (key)
     WHERE ${BY_TIME_SQL}
     GROUP BY ALL ORDER BY ALL`,
  );
}

function machineDay(runtime: Runtime, row: SqlRow): MachineDay {
  const day = String(row["day"]);
  const inReport = (name: string) =>
    reportMoney(runtime, { amount: parseDecimal(String(row[name])), currency: String(row["currency"]), day });
  return {
    key: String(row["key"]),
    day,
    effective: inReport("effective"),
    committed: inReport("committed"),
    hours: row["hours"] === null ? undefined : parseDecimal(String(row["hours"])),
  };
}

export function reportMoney(
  { config, rates }: Pick<Runtime, "config" | "rates">,
  { amount, currency, day }: { amount: Decimal; currency: string; day: Day },
): Decimal {
  return convert(rates ?? NO_RATES, { amount, currency }, config.currency.report, day).amount;
}
