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
import { GenOpsError } from "../../core/errors.ts";
import { addDays, dayOf, type Period } from "../../core/period.ts";
import { foldKey } from "../../ingestion/allocation/fold-case.ts";
import { cloudOfLake } from "../../ledger/own-usage/metered-lake.ts";
import { storedBytes } from "../../ledger/own-usage/stored-bytes.ts";
import { readUsage } from "../../ledger/own-usage/usage-documents.ts";
import { type ReportRow, reportCosts } from "../../ledger/report.ts";
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
  /** Sources whose lines could not be looked through from here. */
  unread: { source: string; why: string }[];
}

/** The tag that GenOps' own resources carry (`terraform/`, `serverless.yml`): how their bill lines are found. */
const OWN_TAG = foldKey("genops-component");

/** Days of the average month: storage is priced per month. */
const MONTH_DAYS = parseDecimal("30.4375");

/** What GenOps itself costs per day and cloud: by a stated model, and, once they have arrived, by its own bill lines. */
export async function ownCost(runtime: Runtime, period: Period): Promise<OwnCost> {
  const { start, end } = period;
  const lines = await modelled(runtime, period);
  return { period: { start, end }, pricesOf: OWN_PRICES_OF, lines, ...(await ownBillLines(runtime, period)) };
}

/** What was counted, and storage on every day from the first one that is known to today. */
async function modelled(runtime: Runtime, period: Period): Promise<OwnCostLine[]> {
  const { days, since } = await readUsage(runtime.lake, period);
  if (since === undefined) return [];
  const storage = await storagePerDay(runtime);
  const today = dayOf(runtime.clock.now());
  const lines: OwnCostLine[] = [];
  for (let day = period.start; day < period.end && day <= today; day = addDays(day, 1)) {
    if (day < since) continue;
    const amounts = new Map<string, OwnCostLine>();
    for (const [cloud, counters] of Object.entries(days.get(day) ?? {}))
      for (const [measure, count] of Object.entries(counters ?? {}))
        collect(amounts, day, cloud, priceOf(cloud, measure, count));
    for (const [cloud, amount] of storage) collect(amounts, day, cloud, { item: "storage", amount });
    lines.push(...amounts.values());
  }
  return lines;
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

/** What the lakes as they are now cost for one day, by cloud. */
async function storagePerDay({ lake, config }: Runtime): Promise<Map<string, Decimal>> {
  const homes = new Map(config.sources.map(({ id, lake: home }) => [id, config.lakes[home ?? ""]?.location]));
  const homeCloud = (source: string) => {
    const location = homes.get(source);
    return location === undefined ? undefined : cloudOfLake(location);
  };
  const stored = await storedBytes(lake, { primary: cloudOfLake(config.lake), homeCloud });
  const perDay = new Map<string, Decimal>();
  for (const [cloud, bytes] of stored) {
    const monthly = priceOf(cloud, "storedBytes", bytes);
    if (monthly !== undefined) perDay.set(cloud, multiplyDivide(monthly.amount, fromInteger(1), MONTH_DAYS));
  }
  return perDay;
}

/** Bill lines of resources with our tag, whatever its value. Rows that stay elsewhere are not read for this, but named. */
async function ownBillLines(runtime: Runtime, period: Period): Promise<Pick<OwnCost, "billed" | "unread">> {
  const rows: ReportRow[] = [];
  const unread: OwnCost["unread"] = [];
  for (const { id: source } of runtime.config.sources) {
    const found = await rowsByTags(runtime, source, period).catch((error: unknown) => {
      if (!(error instanceof GenOpsError) || error.code !== "refused") throw error;
      unread.push({ source, why: error.message });
      return [];
    });
    rows.push(...found.filter(({ keys }) => carriesTag(keys["tags"])));
  }
  const groups = Map.groupBy(rows, ({ keys, currency }) => JSON.stringify([keys["provider"] ?? "unknown", currency]));
  const billed = [...groups].map(([key, own]) => {
    const [cloud, currency] = JSON.parse(key) as [string, string];
    return { cloud, currency, amount: sum(own.map(({ amount }) => parseDecimal(amount))) };
  });
  return { billed, unread };
}

async function rowsByTags(runtime: Runtime, source: string, period: Period): Promise<ReportRow[]> {
  const { rows } = await runtime.withCosts((deps) =>
    reportCosts(deps, {
      ...runtime.costsQuery(),
      sources: [source],
      by: ["provider", "tags"],
      period: { ...period, basis: "charge" },
      cost: "billed",
      settledAfterDays: {},
      now: runtime.clock.evaluationNow(),
    }),
  );
  return rows;
}

/** Keys are compared as allocation does. Tags come from bills: they may be no JSON. */
function carriesTag(tags: string | null | undefined): boolean {
  if (tags == null || !foldKey(tags).includes(OWN_TAG)) return false;
  try {
    return Object.keys(Object(JSON.parse(tags))).some((key) => foldKey(key) === OWN_TAG);
  } catch {
    return false;
  }
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
