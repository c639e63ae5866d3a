import {
  add,
  type Decimal,
  formatDecimal,
  fromInteger,
  multiplyDivide,
  parseDecimal,
  sum,
  ZERO,
} from "../../core/decimal.ts";
import { addDays, type Period } from "../../core/period.ts";
import { cloudOfLake } from "../../ledger/own-usage/metered-lake.ts";
import { readUsage } from "../../ledger/own-usage/usage-documents.ts";
import { reportCosts } from "../../ledger/report.ts";
import { OWN_PRICES_OF, priceOf } from "../../prices/own-cost/list-prices.ts";
import type { Runtime } from "../runtime.ts";

export interface OwnCostLine {
  day: string;
  cloud: string;
  /** `invocations`, `compute`, `requests`, `storage`, `egress`, `queue`, `paid API`. */
  item: string;
  /** US dollars. */
  amount: Decimal;
}

export interface OwnCost {
  period: { start: string; end: string };
  /** Month of the stated list prices. */
  pricesOf: string;
  /** By model, from what GenOps has counted of itself. */
  lines: OwnCostLine[];
  /** From GenOps' own lines in the bills, where they carry the tag. */
  billed: { cloud: string; currency: string; amount: Decimal }[];
}

/** The tag that GenOps' own resources carry (`terraform/`, `serverless.yml`): how their bill lines are found. */
export const OWN_TAG = { key: "genops-component" } as const;

/** Days of the average month: storage is priced per month. */
const MONTH_DAYS = parseDecimal("30.4375");

/** What GenOps itself costs per day and cloud: by a stated model, and, once they have arrived, by its own bill lines. */
export async function ownCost(runtime: Runtime, period: Period): Promise<OwnCost> {
  const usage = await readUsage(runtime.lake, period);
  const storage = await storagePerDay(runtime);
  const lines: OwnCostLine[] = [];
  for (let day = period.start; day < period.end; day = addDays(day, 1)) {
    const used = usage.get(day);
    if (used === undefined) continue;
    const amounts = new Map<string, OwnCostLine>();
    for (const [cloud, counters] of Object.entries(used))
      for (const [measure, count] of Object.entries(counters ?? {}))
        collect(amounts, day, cloud, priceOf(cloud, measure, count));
    for (const [cloud, amount] of storage) collect(amounts, day, cloud, { item: "storage", amount });
    lines.push(...amounts.values());
  }
  const { start, end } = period;
  return { period: { start, end }, pricesOf: OWN_PRICES_OF, lines, billed: await ownBillLines(runtime, period) };
}

function collect(
  amounts: Map<string, OwnCostLine>,
  day: string,
  cloud: string,
  priced: { item: string; amount: Decimal } | undefined,
): void {
  if (priced === undefined || priced.amount === ZERO) return;
  const key = `${cloud}/${priced.item}`;
  const amount = add(amounts.get(key)?.amount ?? ZERO, priced.amount);
  amounts.set(key, { day, cloud, item: priced.item, amount });
}

/** What the lake as it is now costs for one day. */
async function storagePerDay({ lake, config }: Runtime): Promise<Map<string, Decimal>> {
  let bytes = 0;
  for await (const { sizeBytes } of lake.list("")) bytes += sizeBytes;
  const cloud = cloudOfLake(config.lake);
  const monthly = priceOf(cloud, "storedBytes", bytes);
  return monthly === undefined
    ? new Map()
    : new Map([[cloud, multiplyDivide(monthly.amount, fromInteger(1), MONTH_DAYS)]]);
}

/** Bill lines of resources with our tag, whatever its value. */
async function ownBillLines(runtime: Runtime, period: Period): Promise<OwnCost["billed"]> {
  const report = await runtime.withCosts((deps) =>
    reportCosts(deps, {
      ...runtime.costsQuery(),
      by: ["provider", "tags"],
      period: { ...period, basis: "charge" },
      cost: "billed",
      settledAfterDays: {},
      now: runtime.clock.evaluationNow(),
    }),
  );
  const own = report.rows.filter(({ keys }) => carriesTag(keys["tags"]));
  const groups = Map.groupBy(own, ({ keys, currency }) => JSON.stringify([keys["provider"] ?? "unknown", currency]));
  return [...groups].map(([key, rows]) => {
    const [cloud, currency] = JSON.parse(key) as [string, string];
    return { cloud, currency, amount: sum(rows.map(({ amount }) => parseDecimal(amount))) };
  });
}

function carriesTag(tags: string | null | undefined): boolean {
  if (tags == null || !tags.includes(OWN_TAG.key)) return false;
  const parsed: unknown = JSON.parse(tags);
  return typeof parsed === "object" && parsed !== null && Object.hasOwn(parsed, OWN_TAG.key);
}

/** JSON of `genops report --own-cost`. */
export function ownCostDocument({ lines, billed, ...head }: OwnCost) {
  return {
    ...head,
    currency: "USD",
    lines: lines.map(({ amount, ...line }) => ({ ...line, amount: formatDecimal(amount) })),
    total: formatDecimal(sum(lines.map(({ amount }) => amount))),
    billed: billed.map(({ amount, ...line }) => ({ ...line, amount: formatDecimal(amount) })),
  };
}
