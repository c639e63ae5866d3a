import type { SourceConfig } from "../../config/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { Month } from "../../core/period.ts";
import { isManifest } from "../../core/platform-events.ts";
import { coversObject } from "../../ingestion/input/bucket-url.ts";
import { locate } from "../../ingestion/input/locate.ts";
import { periodOfPath } from "../../ingestion/input/manifest.ts";
import type { FileSourceType } from "../../ingestion/sources/bill.ts";
import { fileSourceOf, isFileSourceType } from "../../ingestion/sources/registry.ts";
import type { FileSourceConfig } from "../../ledger/collect/deps.ts";
import { type Call, dataOf, publish, Written } from "./events.ts";

/** `genops.export.written`: the sources that this manifest belongs to are wanted, for its period. */
export async function exportWritten(call: Call, sources: readonly SourceConfig[]): Promise<void> {
  const { log } = call.invocation;
  const { location } = dataOf(call.event, Written);
  if (!isManifest(location)) {
    log.info("no manifest of an export", { location });
    return;
  }
  const covering = sources.filter((source) => locationsOf(source).some((place) => coversObject(place, location)));
  if (covering.length === 0) {
    log.warn("no source collected here reads this export", { location });
    return;
  }
  const period = await periodOf(call, location);
  for (const { id, periods: configured } of covering) {
    if (period !== undefined && configured?.includes(period) === false) continue;
    await publish(call, "genops.collect.wanted", {
      source: id,
      ...(period === undefined ? {} : { periods: [period] }),
    });
  }
}

function locationsOf(source: SourceConfig): string[] {
  if (!isFileSource(source)) return [];
  return fileSourceOf<FileSourceType>(source.type)
    .locations(source)
    .map(({ location }) => location);
}

function isFileSource(source: SourceConfig): source is FileSourceConfig {
  return isFileSourceType(source.type);
}

/** The period that the manifest is about. One that cannot be read is told by the collection itself. */
async function periodOf({ runtime }: Call, location: string): Promise<Month | undefined> {
  const named = periodOfPath(location);
  if (named !== undefined) return named;
  try {
    const [delivery] = await locate(location, runtime.config.baseDir, { openBills: runtime.openBills });
    return delivery?.period;
  } catch (error) {
    if (error instanceof GenOpsError && !error.retryable) return undefined;
    throw error;
  }
}
