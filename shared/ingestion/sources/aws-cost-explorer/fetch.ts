import type { SourceConfigOf } from "../../../config/types.ts";
import { formatDecimal } from "../../../core/decimal.ts";
import { GenOpsError } from "../../../core/errors.ts";
import type { Month } from "../../../core/period.ts";
import type { CostAndUsageRequest } from "../../../ports/billing-apis.ts";
import { type BillLine, type Keys, writeBillLines } from "../../paged/bill-lines.ts";
import { groupPlan, sliceConditions } from "../../paged/group-plan.ts";
import { completeSnapshot, fingerprint, openPages, openSnapshot, type Snapshot } from "../../paged/snapshot.ts";
import { type Stop, walkPages } from "../../paged/walk-pages.ts";
import type { BillFetcher, FetchContext, FetchedBill } from "../fetcher.ts";
import { buyPage, type Shop } from "./buy-page.ts";
import { canAskFor, costCondition, costGroup, groupKeys } from "./group-key.ts";
import { type LinesOf, PageSchema, pageLines } from "./page.ts";
import { callsFor, createPaidCalls, priceOf } from "./paid-calls.ts";
import { askedDays, isSettled } from "./window.ts";

type Source = SourceConfigOf<"aws-cost-explorer">;
type Context = FetchContext<"aws-cost-explorer">;

const METRICS = ["UnblendedCost", "NetUnblendedCost", "AmortizedCost", "NetAmortizedCost"];
/** AWS refreshes its data up to three times a day. */
const REFRESH_HOURS = 8;
const HOUR_MS = 3_600_000;
/** An unfinished look at a month is given up after so many days: its pages would be too far apart. */
const DAYS_FOR_ONE_LOOK = 3;

/** Buys a month from AWS Cost Explorer: page by page, each one once, never for more than `maxDailyCost` a day. */
export const awsCostExplorerFetcher: BillFetcher<"aws-cost-explorer"> = {
  type: "aws-cost-explorer",
  applies: () => true,
  fetch,
};

async function fetch(context: Context): Promise<FetchedBill> {
  const { source, period, apis, store, clock, randomness } = context;
  const now = clock.now();
  const days = askedDays(period, now);
  if (days === undefined) return { outcome: "nothing", messages: [`${period} has not begun`] };
  const api = await apis.costExplorer(source);
  const payer = source.billingAccountId ?? (await api.accountId());
  const place = { store, source: source.id, period };
  const fresh = { id: randomness.id(), startedAt: now.toISOString(), end: days.end, plan: planOf(source) };
  const snapshot = await openSnapshot(place, fresh, (known) => goodForMs(known, context));
  const shop: Shop = {
    context,
    api,
    calls: createPaidCalls(context, source.id, source.maxDailyCost),
    pages: openPages(place, snapshot, PageSchema),
    bought: { calls: 0 },
  };
  const lines = await readAll(shop, source, { start: days.start, end: snapshot.end }, payer);
  const bill = await spendMessage(shop, source);
  if ("outcome" in lines) return { ...lines, messages: [...lines.messages, bill] };
  if (!snapshot.complete) await completeSnapshot(place, snapshot, isProvisional(lines, snapshot, period));
  if (lines.length === 0) return { outcome: "nothing", messages: ["Cost Explorer shows no costs", bill] };
  const file = { folder: context.folder, name: `cost-explorer-${period}.ndjson`, observedAt: snapshot.startedAt };
  return { outcome: "fetched", files: [await writeBillLines(file, lines)], messages: [bill] };
}

/** What makes pages of one configuration useless to another. */
function planOf(source: Source): string {
  return fingerprint({ keys: groupKeys(source.groupBy), metrics: metricsOf(source) });
}

/** A page of a month that AWS has closed is never bought again; one that may still change, once per refresh. */
function goodForMs({ complete, provisional, startedAt }: Snapshot, { source, period }: Context): number {
  if (!complete) return DAYS_FOR_ONE_LOOK * 24 * HOUR_MS;
  const refreshMs = (source.refreshHours ?? REFRESH_HOURS) * HOUR_MS;
  if (provisional) return refreshMs;
  return isSettled(period, new Date(startedAt)) ? Number.POSITIVE_INFINITY : Math.max(refreshMs, 24 * HOUR_MS);
}

function isProvisional(lines: readonly BillLine[], { startedAt }: Snapshot, period: Month): boolean {
  if (lines.length === 0) return !isSettled(period, new Date(startedAt));
  return lines.some(({ estimated }) => estimated === true);
}

function metricsOf({ metrics = METRICS, groupBy = [] }: Source): readonly string[] {
  // A quantity is worth something only per usage type.
  return groupBy.includes("USAGE_TYPE") && !metrics.includes("UsageQuantity") ? [...metrics, "UsageQuantity"] : metrics;
}

async function readAll(
  shop: Shop,
  source: Source,
  timePeriod: CostAndUsageRequest["timePeriod"],
  payer: string,
): Promise<BillLine[] | Stop> {
  const { base, slice } = groupPlan(groupKeys(source.groupBy));
  const read = (level: BillLine["level"], groupBy: readonly string[], where: Keys) =>
    readQuery(shop, { timePeriod, metrics: metricsOf(source) }, { level, groupBy, where, payer });
  const lines = await read("base", base, {});
  if ("outcome" in lines || slice.length === 0) return lines;
  const costs = lines.filter(({ measure }) => measure.endsWith("Cost"));
  const conditions = sliceConditions(costs, (keys) =>
    Object.entries(keys).every(([key, value]) => canAskFor(key, value)),
  );
  assertAffordable(source, conditions.length);
  for (const where of conditions) {
    const found = await read("slice", slice, where);
    // What a slice does not tell stays in its base group.
    if (!("outcome" in found)) lines.push(...found);
    else if (found.outcome === "later") return found;
  }
  return lines;
}

async function readQuery(
  shop: Shop,
  what: Pick<CostAndUsageRequest, "timePeriod" | "metrics">,
  linesOf: LinesOf,
): Promise<BillLine[] | Stop> {
  const query = {
    ...what,
    granularity: "DAILY" as const,
    groupBy: linesOf.groupBy.map(costGroup),
    where: Object.entries(linesOf.where).map(([key, value]) => costCondition(key, value)),
  };
  const walked = await walkPages(query, {
    pages: shop.pages,
    bring: (token) => buyPage(shop, query, token),
    next: ({ nextPageToken }) => nextPageToken,
  });
  return walked.outcome === "pages" ? walked.pages.flatMap((page) => pageLines(page, linesOf)) : walked;
}

/** Refuses before the money is gone that a look at the month could never be finished with. */
function assertAffordable({ maxDailyCost, groupBy }: Source, slices: number): void {
  const needed = slices + 1;
  if (needed <= callsFor(maxDailyCost) * DAYS_FOR_ONE_LOOK) return;
  throw new GenOpsError(
    "config",
    `groupBy ${groupKeys(groupBy).join(", ")} needs at least ${needed} calls (${priceOf(needed)} USD) for each look at a month, and maxDailyCost ${formatDecimal(maxDailyCost)} buys ${callsFor(maxDailyCost)} a day; raise it, or name fewer keys`,
    { place: { field: "maxDailyCost" } },
  );
}

async function spendMessage({ calls, bought }: Shop, { maxDailyCost }: Source): Promise<string> {
  const today = await calls.callsToday();
  return `${bought.calls} paid calls, ${priceOf(today)} of ${formatDecimal(maxDailyCost)} USD spent today`;
}
