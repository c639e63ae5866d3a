import { parseDecimal } from "../../../shared/core/decimal.ts";
import { type MoneyText, moneyText, totalsByCurrency } from "../../../shared/core/money.ts";
import { formatMoney } from "../../../shared/interfaces/console/money-text.ts";
import { listSourceFailures } from "../../../shared/ledger/collect/failures.ts";
import { listHeads } from "../../../shared/ledger/head.ts";
import { listQuarantines } from "../../../shared/ledger/quarantine.ts";
import type { Report } from "../../../shared/ledger/report.ts";
import type { Runtime } from "../../../shared/usecases/runtime.ts";
import type { Output } from "../output.ts";
import { report } from "./report.ts";

/** One cloud in the shape of the guide's `cost-report`. */
export interface CloudCosts {
  /** In the cloud's main currency (the largest); decimal text. */
  total: string;
  currency: string;
  /** One entry per currency; more than one is never added up. */
  totals: MoneyText[];
  by_service: Record<string, string>;
  /** Runs that failed or wait in quarantine. */
  tracking_errors: number;
}

export interface CostReportOptions {
  cloud: string;
  period: string;
}

const GUIDE_CLOUDS = ["aws", "azure", "gcp"] as const;

/** `genops cost-report --cloud all --period last-7-days --format json`: `{aws: {total, tracking_errors, …}, azure: …, gcp: …}`. */
export async function costReport(runtime: Runtime, options: CostReportOptions): Promise<Record<string, CloudCosts>> {
  const document = await report(runtime, { by: "provider,service", period: options.period, cost: "billed" });
  const errors = await trackingErrors(runtime);
  const found = document.rows.map(({ keys }) => keys["provider"] ?? "unknown");
  const clouds = options.cloud === "all" ? [...new Set([...GUIDE_CLOUDS, ...found])] : [options.cloud];
  return Object.fromEntries(clouds.map((cloud) => [cloud, cloudCosts(document, cloud, errors.get(cloud) ?? 0)]));
}

function cloudCosts(document: Report, cloud: string, trackingErrors: number): CloudCosts {
  const rows = document.rows.filter(({ keys }) => keys["provider"] === cloud);
  const totals = totalsByCurrency(rows.map(({ amount, currency }) => ({ amount: parseDecimal(amount), currency })));
  const main = totals.toSorted((a, b) => (a.amount > b.amount ? -1 : 1))[0];
  const services = rows
    .filter(({ currency }) => currency === main?.currency)
    .map(({ keys, amount }) => [keys["service"] ?? "", amount] as const);
  return {
    total: main === undefined ? "0" : moneyText(main).amount,
    currency: main?.currency ?? "USD",
    totals: totals.map(moneyText),
    by_service: Object.fromEntries(services),
    tracking_errors: trackingErrors,
  };
}

/** Failures and waiting quarantines per provider: known from what the source delivered before, else from its type. */
async function trackingErrors(runtime: Runtime): Promise<Map<string, number>> {
  const providers = new Map<string, Set<string>>();
  for (const { source, versions } of await listHeads(runtime.lake)) {
    const known = providers.get(source) ?? new Set<string>();
    for (const provider of versions.at(-1)?.providers ?? []) known.add(provider);
    providers.set(source, known);
  }
  const waiting = (await listQuarantines(runtime.lake))
    .filter(({ state }) => state === "waiting")
    .map(({ source }) => source);
  const failed = (await listSourceFailures(runtime.lake)).map(({ source }) => source);
  const counts = new Map<string, number>();
  for (const source of [...waiting, ...failed]) {
    const type = runtime.config.sources.find(({ id }) => id === source)?.type ?? source;
    for (const provider of providers.get(source) ?? [type.split("-")[0] ?? source])
      counts.set(provider, (counts.get(provider) ?? 0) + 1);
  }
  return counts;
}

export function printCostReport(out: Output, clouds: Readonly<Record<string, CloudCosts>>): void {
  out.table(
    [{ title: "cloud" }, { title: "total", align: "right" }, { title: "tracking errors", align: "right" }],
    Object.entries(clouds).map(([cloud, { totals, currency, tracking_errors }]) => [
      cloud,
      totals.map((total) => formatMoney(parseDecimal(total.amount), total.currency)).join(" + ") ||
        formatMoney(parseDecimal("0"), currency),
      String(tracking_errors),
    ]),
  );
}
