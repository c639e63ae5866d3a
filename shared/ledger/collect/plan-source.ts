import type { SourceConfig } from "../../config/types.ts";
import { dayOf, type Month } from "../../core/period.ts";
import { parseBucketUrl } from "../../ingestion/input/bucket-url.ts";
import { locate } from "../../ingestion/input/locate.ts";
import type { FileSourceType } from "../../ingestion/sources/bill.ts";
import type { BillFetcher } from "../../ingestion/sources/fetcher.ts";
import { fetcherOf, fileSourceOf } from "../../ingestion/sources/registry.ts";
import { headPeriods } from "../head.ts";
import { assertFileSource, type CollectDeps, type FileSourceConfig } from "./deps.ts";
import { failedPeriods } from "./failures.ts";
import type { IngestInput } from "./recognise.ts";
import type { LocatedDelivery } from "./stage-deliveries.ts";

export interface PlanInput {
  /** Only these billing periods; empty means what the source's `periods` says, or the usual ones. */
  periods: readonly string[];
  force: boolean;
  /** Folder that relative locations refer to. */
  baseDir: string;
}

export type PlanDeps = Pick<
  CollectDeps,
  "apis" | "clock" | "deadline" | "lake" | "openBills" | "progress" | "randomness"
>;

/** One piece of work of a source: a period to fetch, or files to read together. */
export type CollectUnit = FetchUnit | BillUnit;

export interface FetchUnit {
  kind: "fetch";
  source: FileSourceConfig;
  fetcher: BillFetcher<FileSourceType>;
  period: Month;
  force: boolean;
}

export interface BillUnit extends IngestInput {
  kind: "bill";
  /** Undefined: only its rows tell. */
  period: Month | undefined;
}

/**
 * What is to be done for a source, without having read anything but manifests. Without chosen periods: of an API the current and the
 * previous month, of a bucket these two, what failed, and every month that the ledger does not have, of files on this machine all.
 */
export async function planSource(deps: PlanDeps, source: SourceConfig, input: PlanInput): Promise<CollectUnit[]> {
  assertFileSource(source);
  const { force } = input;
  const fetcher = fetcherOf(source);
  const chosen = input.periods.length > 0 ? input.periods : (source.periods ?? []);
  if (fetcher !== undefined) {
    const periods = await fetchablePeriods(deps, fetcher, source, input);
    return periods.map((period) => ({ kind: "fetch", source, fetcher, period, force }));
  }
  const foundAt = deps.clock.now();
  const bills = await locateBills(deps, source, { chosen, baseDir: input.baseDir });
  return bills.map((deliveries) => {
    const period = deliveries.find((delivery) => delivery.period !== undefined)?.period;
    // A delivery that was chosen by its period is collected whole, be there a late row of another month in it; the configuration's
    // choice is about rows.
    const periods = period === undefined ? chosen : (source.periods ?? []);
    return { kind: "bill", source, deliveries, periods, force, foundAt, period };
  });
}

/** What was asked for; else what the API says has changed; else the open periods. */
async function fetchablePeriods(
  { apis, lake: store, clock, randomness, deadline, progress }: PlanDeps,
  fetcher: BillFetcher<FileSourceType>,
  source: FileSourceConfig,
  { periods, force }: PlanInput,
): Promise<Month[]> {
  const wanted = periods.length > 0 ? periods : source.periods;
  if (fetcher.periods === undefined || periods.length > 0 || force) return [...(wanted ?? openPeriods(clock))];
  const changed = await fetcher.periods({ source, apis, store, clock, randomness, deadline, progress });
  for (const message of changed.messages) progress.note(`${source.id}: ${message}`);
  return changed.periods.filter((period) => wanted?.includes(period) ?? true);
}

/** The current and the previous month: bills of both still change (`reference/clouds.md` §0). */
export function openPeriods(clock: CollectDeps["clock"]): Month[] {
  const current = dayOf(clock.evaluationNow()).slice(0, 7);
  return [dayOf(new Date(Date.parse(`${current}-01T00:00:00Z`) - 1)).slice(0, 7), current];
}

/** Bills to read: the deliveries of one role each, or both of Azure's files of one period together (AZ-1). */
async function locateBills(
  deps: Pick<CollectDeps, "clock" | "lake" | "openBills">,
  source: FileSourceConfig,
  { chosen, baseDir }: { chosen: readonly string[]; baseDir: string },
): Promise<LocatedDelivery[][]> {
  const deliveries: LocatedDelivery[] = [];
  for (const { role, location } of fileSourceOf<FileSourceType>(source.type).locations(source)) {
    const wants = await wantedPeriods(deps, source.id, { chosen, location });
    for (const delivery of await locate(location, baseDir, { openBills: deps.openBills, wants }))
      deliveries.push({ ...delivery, role });
  }
  const single = deliveries.filter(({ role }) => role === "bill").map((delivery) => [delivery]);
  const pairs = Map.groupBy(
    deliveries.filter(({ role }) => role !== "bill"),
    ({ period }) => period ?? "",
  );
  return [...single, ...pairs.values()];
}

/**
 * Which periods of a location are read. Reading a bucket costs time and, from another cloud, money: closed months that the ledger has
 * are left alone, until somebody names them or a new manifest does. What failed is tried again.
 */
async function wantedPeriods(
  { clock, lake }: Pick<CollectDeps, "clock" | "lake">,
  source: string,
  { chosen, location }: { chosen: readonly string[]; location: string },
): Promise<(period: Month) => boolean> {
  if (chosen.length > 0) return (period) => chosen.includes(period);
  if (parseBucketUrl(location) === undefined) return () => true;
  const due = new Set([...openPeriods(clock), ...(await failedPeriods(lake, source))]);
  const known = await headPeriods(lake, source);
  return (period) => due.has(period) || !known.has(period);
}
