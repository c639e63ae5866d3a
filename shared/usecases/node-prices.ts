import { estimateNode } from "../clusters/costs/base-prices.ts";
import { billPrices, type MachineDay } from "../clusters/costs/bill-prices.ts";
import { COMPUTE_ENGINE, listMachinePrice } from "../clusters/costs/list-machine-prices.ts";
import { BY_TIME_SQL, COMMITTED_SQL, MACHINE_KEY_SQL, machineOf } from "../clusters/costs/node-ids.ts";
import type { NodePrice } from "../clusters/costs/types.ts";
import type { ClusterNode, Inventory } from "../clusters/inventory/types.ts";
import { type Decimal, parseDecimal, ZERO } from "../core/decimal.ts";
import { GenOpsError } from "../core/errors.ts";
import { addDays, type Day, dayOf, monthOf } from "../core/period.ts";
import { convert, NO_RATES } from "../core/rates.ts";
import { type OpenCostsDeps, openRows, readVersions } from "../ledger/open-costs.ts";
import { settledThrough } from "../ledger/settledness.ts";
import { type SqlRow, sqlText } from "../ports/sql-engine.ts";
import { findListPrices } from "./list-prices.ts";
import type { Runtime } from "./runtime.ts";

/** A price is the mean of so many settled days. */
const DAYS = 7;

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

/**
 * What an hour of every node costs, by the most trusted source that knows it: the bill of the last settled days (effective cost, and of it
 * what a commitment pays anyway), list prices where they know the machine's family, OpenCost's base prices. In the currency of reports; a
 * node whose price cannot be had in it is left out. Throws `refused` where the bill is in a currency without a rate.
 */
export async function nodePrices(runtime: Runtime, inventory: Inventory): Promise<ReadonlyMap<string, NodePrice>> {
  const { nodes } = inventory;
  const days = await machineDays(runtime, nodes, billedDays(runtime, nodes));
  const billed = billPrices(nodes, days);
  const listed = await listPrices(
    runtime,
    nodes.filter(({ ref }) => !billed.has(ref.name)),
  );
  const prices = nodes.flatMap((node) => {
    const { name } = node.ref;
    return billed.get(name) ?? listed.get(name) ?? estimate(runtime, node) ?? [];
  });
  return new Map(prices.map((price) => [price.node, price]));
}

/** The last settled days of the slowest of the clouds that the nodes are in. */
function billedDays({ config, clock }: Runtime, nodes: readonly ClusterNode[]): { start: Day; end: Day } {
  const today = dayOf(clock.evaluationNow());
  const providers = new Set(nodes.flatMap(({ providerId }) => machineOf(providerId ?? "")?.provider ?? []));
  const through = [...providers, ...(providers.size === 0 ? ["default"] : [])]
    .map((provider) => settledThrough(config.settledAfterDays, provider, today))
    .sort()[0] as Day;
  return { start: addDays(through, 1 - DAYS), end: addDays(through, 1) };
}

async function machineDays(
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

function reportMoney(
  { config, rates }: Pick<Runtime, "config" | "rates">,
  { amount, currency, day }: { amount: Decimal; currency: string; day: Day },
): Decimal {
  return convert(rates ?? NO_RATES, { amount, currency }, config.currency.report, day).amount;
}

/** Google's list is the one that is kept (`genops prices sync`). */
async function listPrices(runtime: Runtime, nodes: readonly ClusterNode[]): Promise<Map<string, NodePrice>> {
  const googles = nodes.filter(({ providerId }) => machineOf(providerId ?? "")?.provider === "gcp");
  if (googles.length === 0) return new Map();
  const at = runtime.clock.evaluationNow();
  const found = await findListPrices(runtime, {
    service: COMPUTE_ENGINE,
    currency: runtime.config.currency.report,
    at,
  });
  const prices = googles.flatMap((node): NodePrice[] => {
    const perHour = listMachinePrice(node, found);
    return perHour === undefined ? [] : [{ node: node.ref.name, perHour, committedPerHour: ZERO, source: "list" }];
  });
  return new Map(prices.map((price) => [price.node, price]));
}

/** In US dollars; without a rate to the currency of reports there is no estimate. */
function estimate(runtime: Runtime, node: ClusterNode): NodePrice | undefined {
  const day = dayOf(runtime.clock.evaluationNow());
  try {
    const perHour = reportMoney(runtime, { amount: estimateNode(node), currency: "USD", day });
    return { node: node.ref.name, perHour, committedPerHour: ZERO, source: "estimate" };
  } catch (error) {
    if (error instanceof GenOpsError && error.code === "refused") return undefined;
    throw error;
  }
}
