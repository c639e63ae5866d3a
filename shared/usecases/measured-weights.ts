import type { MeasuredWeights } from "../clusters/costs/measured-weights.ts";
import { add, type Decimal, parseDecimal, ZERO } from "../core/decimal.ts";
import { addDays, dayOf, monthOf } from "../core/period.ts";
import { openRows, readVersions } from "../ledger/open-costs.ts";
import { sqlText } from "../ports/sql-engine.ts";
import type { Runtime } from "./runtime.ts";

/** The meter's last days that count. */
const DAYS = 7;

/** What a source of type `opencost` said of a cluster (by its name) over the last days. Undefined: there is none, or it said nothing. */
export async function measuredWeights(runtime: Runtime, cluster: string): Promise<MeasuredWeights | undefined> {
  const { config, clock } = runtime;
  const source = config.sources.find((each) => each.type === "opencost" && each.cluster === cluster);
  if (source === undefined || !runtime.isHere(source.id)) return undefined;
  const end = dayOf(clock.evaluationNow());
  const start = addDays(end, -DAYS);
  const billingPeriods = [...new Set([monthOf(start), monthOf(addDays(end, -1))])];
  const versions = await readVersions(runtime.lake, { asOf: runtime.asOf, sources: [source.id], billingPeriods });
  if (versions.length === 0) return undefined;
  const rows = await runtime.withCosts(async (deps) => {
    await openRows(deps, { ...runtime.costsQuery(), clusters: [], sources: [source.id], billingPeriods });
    return deps.engine.query(
      `SELECT ResourceId AS name, coalesce(x_Idle::BOOLEAN, false) AS idle, sum(x_ShareWeight)::DECIMAL(38,18) AS weight,
         (SELECT count(DISTINCT ChargePeriodStart) FROM cost_rows
          WHERE ChargePeriodStart >= DATE ${sqlText(start)} AND ChargePeriodStart < DATE ${sqlText(end)})::INTEGER AS days
       FROM cost_rows WHERE ChargePeriodStart >= DATE ${sqlText(start)} AND ChargePeriodStart < DATE ${sqlText(end)}
       GROUP BY ALL ORDER BY ALL`,
    );
  });
  const workloads = new Map<string, Decimal>();
  let idle = ZERO;
  for (const row of rows) {
    const weight = parseDecimal(String(row["weight"]));
    // `cluster/namespace/controllerKind/controller`; the last three name a workload.
    const key = String(row["name"]).split("/").slice(-3).join("/").toLowerCase();
    if (row["idle"] === true) idle = add(idle, weight);
    else if (weight > 0n) workloads.set(key, add(workloads.get(key) ?? ZERO, weight));
  }
  const days = Number(rows[0]?.["days"] ?? 0);
  return workloads.size === 0 ? undefined : { by: `OpenCost (source ${source.id}), ${days} days`, workloads, idle };
}
