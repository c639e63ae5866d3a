import type { SourceConfigOf } from "../../../config/types.ts";
import { addDays, type Day, dayOf, type Month, monthDays } from "../../../core/period.ts";
import type { CostQueryRequest } from "../../../ports/billing-apis.ts";
import { type BillLine, type Keys, writeBillLines } from "../../paged/bill-lines.ts";
import { groupPlan, sliceConditions } from "../../paged/group-plan.ts";
import { completeSnapshot, fingerprint, openPages, openSnapshot } from "../../paged/snapshot.ts";
import { type Stop, walkPages } from "../../paged/walk-pages.ts";
import type { BillFetcher, FetchContext, FetchedBill } from "../fetcher.ts";
import { askPage, type Desk } from "./ask-page.ts";
import { groupKeys, queryGroup } from "./group-key.ts";
import { type LinesOf, PageSchema, pageLines } from "./page.ts";
import { scopeIds, scopePath } from "./scope.ts";

type Source = SourceConfigOf<"azure-cost-query">;
type Context = FetchContext<"azure-cost-query">;

/** Azure refreshes its data about every four hours. */
const REFRESH_HOURS = 4;
const HOUR_MS = 3_600_000;

/** What is billed, and what it is worth: one query each, because an answer has one kind of cost. */
const COSTS = ["ActualCost", "AmortizedCost"] as const;

/** Reads a month from Azure Cost Management's Query API: few queries, each page once, patient with its limits. */
export const azureCostQueryFetcher: BillFetcher<"azure-cost-query"> = {
  type: "azure-cost-query",
  applies: () => true,
  fetch,
};

async function fetch(context: Context): Promise<FetchedBill> {
  const { source, period, apis, store, clock, randomness } = context;
  const now = clock.now();
  const days = askedDays(period, now);
  if (days === undefined) return { outcome: "nothing", messages: [`${period} has not begun`] };
  const place = { store, source: source.id, period };
  const fresh = { id: randomness.id(), startedAt: now.toISOString(), end: days.end, plan: planOf(source) };
  const refreshMs = (source.refreshHours ?? REFRESH_HOURS) * HOUR_MS;
  const snapshot = await openSnapshot(place, fresh, () => refreshMs);
  const desk: Desk = {
    context,
    api: await apis.costQuery(source),
    scope: scopePath(source.scope),
    pages: openPages(place, snapshot, PageSchema),
  };
  const found = await readAll(desk, source, { from: days.start, to: addDays(snapshot.end, -1) });
  if ("outcome" in found) return found;
  if (!snapshot.complete) await completeSnapshot(place, snapshot, true);
  if (found.lines.length === 0) return { outcome: "nothing", messages: ["Azure shows no costs for this scope"] };
  const file = { folder: context.folder, name: `cost-query-${period}.ndjson`, observedAt: snapshot.startedAt };
  return {
    outcome: "fetched",
    files: [await writeBillLines(file, found.lines)],
    messages: messagesOf(found, period, now),
  };
}

/** Days to ask for, the end exclusive; undefined: the month has not begun. A month never has more than the 31 days that one query may ask for. */
function askedDays(period: Month, now: Date): { start: Day; end: Day } | undefined {
  const days = monthDays(period);
  const tomorrow = addDays(dayOf(now), 1);
  if (days.start >= tomorrow) return undefined;
  return days.end > tomorrow ? { ...days, end: tomorrow } : days;
}

/** What makes pages of one configuration useless to another. */
function planOf(source: Source): string {
  return fingerprint({ scope: scopePath(source.scope), keys: groupKeys(source.groupBy) });
}

interface Found {
  lines: BillLine[];
  /** Rows that a later page brought again. */
  repeated: number;
}

async function readAll(desk: Desk, source: Source, days: Pick<CostQueryRequest, "from" | "to">): Promise<Found | Stop> {
  const plan = groupPlan(groupKeys(source.groupBy));
  const payer = scopeIds(source).billingAccount;
  const all: Found = { lines: [], repeated: 0 };
  const read = async (
    measure: LinesOf["measure"],
    level: BillLine["level"],
    groupBy: readonly string[],
    where: Keys,
  ) => {
    const found = await readQuery(desk, days, { measure, level, groupBy, where, payer });
    if ("outcome" in found) return found;
    all.lines.push(...found.lines);
    all.repeated += found.repeated;
    return found;
  };
  for (const measure of COSTS) {
    const base = await read(measure, "base", plan.base, {});
    if ("outcome" in base) return base;
    for (const where of plan.slice.length === 0 ? [] : sliceConditions(base.lines, hasValues)) {
      const slice = await read(measure, "slice", plan.slice, where);
      if ("outcome" in slice) return slice;
    }
  }
  return all;
}

/** Azure's filters have no word for "without a value". */
function hasValues(keys: Keys): boolean {
  return Object.values(keys).every((value) => value !== null && value !== "");
}

async function readQuery(
  desk: Desk,
  days: Pick<CostQueryRequest, "from" | "to">,
  linesOf: LinesOf,
): Promise<Found | Stop> {
  const { measure, groupBy, where } = linesOf;
  const request: CostQueryRequest = {
    type: measure,
    ...days,
    groupBy: groupBy.map(queryGroup),
    where: Object.entries(where).map(([key, value]) => ({ ...queryGroup(key), value: value ?? "" })),
  };
  const walked = await walkPages(request, {
    pages: desk.pages,
    bring: (nextLink) => askPage(desk, { request, keys: groupBy }, nextLink),
    next: ({ nextLink }) => nextLink,
  });
  return walked.outcome === "pages" ? pageLines(walked.pages, linesOf) : walked;
}

/** A layer above the API may cut ranges short without saying so. */
function messagesOf({ lines, repeated }: Found, period: Month, now: Date): string[] {
  const last = [...new Set(lines.map(({ day }) => day))].sort().at(-1) ?? "";
  const lastDay = addDays(monthDays(period).end, -1);
  return [
    ...(repeated === 0 ? [] : [`${repeated} rows came again on a later page: counted once`]),
    ...(last < lastDay && lastDay < addDays(dayOf(now), -2)
      ? [`the last day with costs is ${last}, the month ended ${lastDay}`]
      : []),
  ];
}
