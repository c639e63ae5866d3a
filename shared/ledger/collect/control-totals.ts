import { type Decimal, formatDecimal, parseDecimal, subtract, ZERO } from "../../core/decimal.ts";
import type { SqlRow } from "../../ports/sql-engine.ts";
import type { ControlTotal, VersionTotals } from "../versions.ts";

/** The source's own totals by billing period, as the bill's `control` query gives them. */
export type SourceControl = ReadonlyMap<
  string,
  readonly { metric: ControlTotal["metric"]; currency: string; amount: Decimal }[]
>;

export function readControl(rows: readonly SqlRow[]): SourceControl {
  const byPeriod = new Map<string, { metric: ControlTotal["metric"]; currency: string; amount: Decimal }[]>();
  for (const row of rows) {
    const period = String(row["billing_period"]);
    const entry = {
      metric: row["metric"] === "EffectiveCost" ? ("EffectiveCost" as const) : ("BilledCost" as const),
      currency: String(row["currency"]),
      amount: row["amount"] === null ? ZERO : parseDecimal(String(row["amount"])),
    };
    byPeriod.set(period, [...(byPeriod.get(period) ?? []), entry]);
  }
  return byPeriod;
}

/** L1, INV-1: our sums against the source's, per metric and currency. A currency that only one side has differs by its whole sum. */
export function compareControl(
  control: SourceControl,
  period: string,
  totals: readonly VersionTotals[],
): ControlTotal[] {
  const source = control.get(period) ?? [];
  const compared = source.map(({ metric, currency, amount }) => {
    const ours = totals.find((total) => total.currency === currency);
    const sum = ours === undefined ? ZERO : parseDecimal(metric === "BilledCost" ? ours.billed : ours.effective);
    return { metric, currency, amount: formatDecimal(amount), difference: formatDecimal(subtract(sum, amount)) };
  });
  const metrics = [...new Set([...control.values()].flat().map(({ metric }) => metric))];
  const unknown = totals
    .filter(({ currency }) => !source.some((entry) => entry.currency === currency))
    .flatMap(({ currency, billed, effective }) =>
      metrics.map((metric) => ({
        metric,
        currency,
        amount: "0",
        difference: metric === "BilledCost" ? billed : effective,
      })),
    );
  return [...compared, ...unknown].sort((a, b) => (a.currency + a.metric < b.currency + b.metric ? -1 : 1));
}
