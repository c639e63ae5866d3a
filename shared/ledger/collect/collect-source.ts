import { rm } from "node:fs/promises";
import type { SourceConfig } from "../../config/types.ts";
import { atPlace, GenOpsError, messageOf } from "../../core/errors.ts";
import { dayOf, type Month } from "../../core/period.ts";
import { locate } from "../../ingestion/input/locate.ts";
import type { FileSourceType } from "../../ingestion/sources/bill.ts";
import type { BillFetcher } from "../../ingestion/sources/fetcher.ts";
import { fetcherOf, fileSourceOf } from "../../ingestion/sources/registry.ts";
import { recordFailures } from "./failures.ts";
import { assertFileSource, type CollectDeps, type FileSourceConfig, ingestDelivery } from "./ingest-delivery.ts";
import { type CollectRun, emptyRun } from "./run.ts";
import type { LocatedDelivery } from "./stage-deliveries.ts";

export interface CollectInput {
  sources: readonly SourceConfig[];
  /** Only these billing periods; empty means what each source's `periods` says, or all. */
  periods: readonly string[];
  force: boolean;
  /** Folder that relative locations refer to. */
  baseDir: string;
}

/** Collects several sources, one after the other. A source that fails is reported and does not stop the others. */
export async function collectSources(deps: CollectDeps, input: CollectInput): Promise<CollectRun[]> {
  const runs: CollectRun[] = [];
  for (const source of input.sources) runs.push(...(await collectSource(deps, source, input)));
  await recordFailures(deps.lake, runs, deps.clock.now());
  return runs;
}

async function collectSource(deps: CollectDeps, source: SourceConfig, input: CollectInput): Promise<CollectRun[]> {
  const runs: CollectRun[] = [];
  try {
    assertFileSource(source);
    const fetcher = fetcherOf(source);
    const chosen = input.periods.length > 0 ? input.periods : (source.periods ?? []);
    if (fetcher !== undefined) {
      for (const period of chosen.length > 0 ? chosen : openPeriods(deps.clock))
        runs.push(
          ...(await timed(deps, source.id, period, () => collectFetched(deps, fetcher, { source, period, input }))),
        );
      return runs;
    }
    for (const deliveries of await locateBills(source, input.baseDir)) {
      const period = deliveries.find((delivery) => delivery.period !== undefined)?.period;
      if (period !== undefined && chosen.length > 0 && !chosen.includes(period)) continue;
      runs.push(
        ...(await timed(deps, source.id, period ?? "", () =>
          ingestDelivery(deps, { source, deliveries, periods: chosen, force: input.force }),
        )),
      );
    }
  } catch (error) {
    runs.push(failedRun(source.id, "", error));
  }
  return runs;
}

/** The current and the previous month: bills of both still change (`reference/clouds.md` §0). */
function openPeriods(clock: CollectDeps["clock"]): Month[] {
  const current = dayOf(clock.evaluationNow()).slice(0, 7);
  return [dayOf(new Date(Date.parse(`${current}-01T00:00:00Z`) - 1)).slice(0, 7), current];
}

async function collectFetched(
  deps: CollectDeps,
  fetcher: BillFetcher<FileSourceType>,
  { source, period, input }: { source: FileSourceConfig; period: Month; input: CollectInput },
): Promise<CollectRun[]> {
  const folder = await deps.createWorkDir();
  try {
    const { apis, lake: store, clock, randomness, deadline, progress } = deps;
    const bill = await fetcher.fetch({ source, period, folder, apis, store, clock, randomness, deadline, progress });
    if (bill.outcome !== "fetched") return [emptyRun("unchanged", source.id, period, bill.messages)];
    const { files, expectedRows, messages } = bill;
    const delivery = { role: "bill" as const, period, files, ...(expectedRows === undefined ? {} : { expectedRows }) };
    const runs = await ingestDelivery(deps, { source, deliveries: [delivery], periods: [period], force: input.force });
    return runs.map((run) => ({ ...run, messages: [...messages, ...run.messages] }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function timed(
  deps: CollectDeps,
  source: string,
  period: string,
  work: () => Promise<CollectRun[]>,
): Promise<CollectRun[]> {
  const start = deps.clock.now().getTime();
  const runs = await work().catch((error: unknown) => [failedRun(source, period, error)]);
  const seconds = (deps.clock.now().getTime() - start) / 1000;
  return runs.map((run) => ({ ...run, seconds }));
}

function failedRun(source: string, period: string, error: unknown): CollectRun {
  const placed = error instanceof GenOpsError ? atPlace(error, { source }) : error;
  return { ...emptyRun("failed", source, period, [messageOf(placed)]), error };
}

/** Bills to read: the deliveries of one role each, or both of Azure's files of one period together (AZ-1). */
async function locateBills(source: FileSourceConfig, baseDir: string): Promise<LocatedDelivery[][]> {
  const reader = fileSourceOf<FileSourceType>(source.type);
  const deliveries: LocatedDelivery[] = [];
  for (const { role, location } of reader.locations(source)) {
    for (const delivery of await locate(location, baseDir)) deliveries.push({ ...delivery, role });
  }
  const single = deliveries.filter(({ role }) => role === "bill").map((delivery) => [delivery]);
  const pairs = Map.groupBy(
    deliveries.filter(({ role }) => role !== "bill"),
    ({ period }) => period ?? "",
  );
  return [...single, ...pairs.values()];
}
