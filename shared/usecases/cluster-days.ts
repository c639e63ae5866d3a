import { BY_TIME_SQL, COMMITTED_SQL } from "../clusters/costs/node-ids.ts";
import type { DayCost } from "../clusters/costs/realised-saving.ts";
import { ALLOCATION_DIMENSIONS } from "../config/types.ts";
import { add, parseDecimal } from "../core/decimal.ts";
import type { Scope } from "../core/finding.ts";
import { addDays, type Day, monthOf } from "../core/period.ts";
import { convert, NO_RATES } from "../core/rates.ts";
import { scopeColumnSql } from "../ledger/build-cube.ts";
import { DIMENSION_SQL } from "../ledger/dimensions.ts";
import { openRows, readVersions } from "../ledger/open-costs.ts";
import { sqlText } from "../ports/sql-engine.ts";
import type { Runtime } from "./runtime.ts";

/**
 * What a cluster's machines cost per day by the bill, from `start` to before `end`, in the currency of reports and without what commitments
 * pay anyway: what `realisedSaving` compares. `match` selects the cluster's rows, as in the configuration of clusters.
 */
export async function clusterDays(
  runtime: Runtime,
  match: Scope,
  { start, end }: { start: Day; end: Day },
): Promise<DayCost[]> {
  const billingPeriods = monthsOf(start, end);
  const bills = runtime.config.sources.filter(({ id, type }) => type !== "opencost" && runtime.isHere(id));
  const chosen = { asOf: runtime.asOf, sources: bills.map(({ id }) => id), billingPeriods };
  const versions = await readVersions(runtime.lake, chosen);
  const sources = [...new Set(versions.filter(({ inPlace }) => inPlace === undefined).map(({ source }) => source))];
  if (sources.length === 0) return [];
  const rows = await runtime.withCosts(async (deps) => {
    await openRows(deps, { ...runtime.costsQuery(), sources, billingPeriods });
    return deps.engine.query(
      `SELECT ChargePeriodStart::DATE::VARCHAR AS day, BillingCurrency AS currency, sum(EffectiveCost)::DECIMAL(38,18) AS cost
       FROM (SELECT *, lower(ConsumedUnit) AS unit FROM cost_rows)
       WHERE ChargePeriodStart >= DATE ${sqlText(start)} AND ChargePeriodStart < DATE ${sqlText(end)} AND ${BY_TIME_SQL}
         AND ChargeCategory IN ('Usage', 'Credit', 'Adjustment') AND NOT ${COMMITTED_SQL} AND ${rowsOf(match)}
       GROUP BY ALL ORDER BY ALL`,
    );
  });
  const days = new Map<Day, DayCost>();
  for (const row of rows) {
    const day = String(row["day"]);
    const money = { amount: parseDecimal(String(row["cost"])), currency: String(row["currency"]) };
    const { amount } = convert(runtime.rates ?? NO_RATES, money, runtime.config.currency.report, day);
    const before = days.get(day);
    days.set(day, { day, cost: before === undefined ? amount : add(before.cost, amount) });
  }
  return [...days.values()];
}

function monthsOf(start: Day, end: Day): string[] {
  const months = new Set<string>();
  for (let day = start; day < end; day = addDays(day, 1)) months.add(monthOf(day));
  return [...months];
}

/** Over rows; never NULL. */
function rowsOf(match: Scope): string {
  const terms = Object.entries(match).map(([name, values]) => {
    const isOurs = name === "source" || ALLOCATION_DIMENSIONS.some((dimension) => dimension === name);
    const known = Object.hasOwn(DIMENSION_SQL, name) ? DIMENSION_SQL[name] : undefined;
    const value = known ?? (isOurs ? name : scopeColumnSql(name));
    return `coalesce((${value})::VARCHAR IN (${values.map(sqlText).join(", ")}), false)`;
  });
  return terms.length === 0 ? "true" : terms.join(" AND ");
}
