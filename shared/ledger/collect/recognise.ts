import { createHash } from "node:crypto";
import { canonicalJson } from "../../core/json.ts";
import { isObject } from "../../ingestion/input/staged-file.ts";
import type { FileSourceType } from "../../ingestion/sources/bill.ts";
import type { InPlaceReading } from "../../ingestion/sources/fetcher.ts";
import { fileSourceOf } from "../../ingestion/sources/registry.ts";
import { currentVersion, readHead } from "../head.ts";
import { isWanted } from "./commit-bill.ts";
import { type DeliveryRecord, readDeliveryRecord } from "./delivery-record.ts";
import type { CollectDeps, FileSourceConfig } from "./deps.ts";
import { type CollectRun, emptyRun, runOf } from "./run.ts";
import type { LocatedDelivery, Staged } from "./stage-deliveries.ts";

/** What is read together as one bill. */
export interface IngestInput {
  source: FileSourceConfig;
  deliveries: readonly LocatedDelivery[];
  /** Only these billing periods; empty means all. */
  periods: readonly string[];
  /** Convert even if the content is known. */
  force: boolean;
  /** When its files were looked for. */
  foundAt: Date;
  /** The files hold daily groups of rows that stay where they are. */
  inPlace?: InPlaceReading | undefined;
}

/** What does not change the rows that the same bytes give. */
const NOT_READING: ReadonlySet<string> = new Set([
  "schedule",
  "periods",
  "allowShrink",
  "location",
  "actual",
  "amortized",
  "table",
  "queryProject",
  "maximumBytesBilled",
  "athena",
  "maxDailyCost",
  "refreshHours",
  "lake",
]);

/** What beside the bytes decides the rows. */
export function readingOf(source: FileSourceConfig): unknown {
  const reading = Object.fromEntries(Object.entries(source).filter(([key]) => !NOT_READING.has(key)));
  return { reading, mapping: fileSourceOf<FileSourceType>(source.type).mappingVersion };
}

/** Names the record of what these locations last delivered. */
export function recordName(deliveries: readonly LocatedDelivery[]): string {
  const places = deliveries.map(({ role, period, manifest, files }) => [
    role,
    period,
    manifest ?? files.map(({ name }) => name),
  ]);
  return createHash("sha256").update(JSON.stringify(places)).digest("hex").slice(0, 24);
}

/**
 * By what objects in a bucket are recognised without reading them: names, sizes and tags as the bucket lists them, and how they are read.
 * Two equal ones are the same delivery. Undefined for files of this machine, which anybody may change in place.
 */
export function identityOf({ source, deliveries }: Pick<IngestInput, "source" | "deliveries">): string | undefined {
  const files = deliveries.flatMap((delivery) => delivery.files);
  if (files.length === 0 || !files.every(isObject)) return undefined;
  const seen = deliveries.map(({ role, manifest, files: own }) => ({
    role,
    manifest: manifest ?? "",
    files: own.map((file) => [
      file.name,
      file.sizeBytes,
      (isObject(file) ? file.etag : undefined) ?? file.modifiedAt.toISOString(),
    ]),
  }));
  return createHash("sha256")
    .update(canonicalJson({ seen, reading: readingOf(source) }))
    .digest("hex");
}

/** L3: the delivery that was read last, as far as a listing can tell, and still current. Nothing is downloaded. */
export async function recogniseDelivery(deps: CollectDeps, input: IngestInput): Promise<CollectRun[] | undefined> {
  const identity = input.force ? undefined : identityOf(input);
  if (identity === undefined) return undefined;
  const record = await readDeliveryRecord(deps.lake, input.source.id, recordName(input.deliveries));
  if (record?.identity !== identity) return undefined;
  return unchangedRuns(deps, input, record, { messages: [], bytesRead: 0 });
}

/** A run rewrites its parts and then its manifest; it hardly takes longer. Copies of a bucket may have their parts last for ever. */
const WRITING_MS = 3_600_000;
const LOOK_AGAIN_MS = 10 * 60_000;

/**
 * An export that is being written over (AWS `OVERWRITE_REPORT`): parts that are younger than their manifest are not the ones it was
 * written about. They are read when it was rewritten, too.
 */
export function unfinishedRuns({ clock }: Pick<CollectDeps, "clock">, input: IngestInput): CollectRun[] | undefined {
  const now = clock.now().getTime();
  const isBeingWritten = input.deliveries.some(({ files, manifestAt }) =>
    files.some(
      (file) =>
        isObject(file) &&
        manifestAt !== undefined &&
        file.modifiedAt > manifestAt &&
        now - file.modifiedAt.getTime() < WRITING_MS,
    ),
  );
  if (!isBeingWritten) return undefined;
  const period = input.deliveries.find((delivery) => delivery.period !== undefined)?.period ?? "";
  const run = emptyRun("unchanged", input.source.id, period, [
    "the export is being written; it is read when its manifest is",
  ]);
  return [{ ...run, laterMs: LOOK_AGAIN_MS }];
}

/** L3: the same content as last time, and still current. */
export async function recogniseContent(
  deps: CollectDeps,
  input: IngestInput,
  contentHash: string,
  staged: Staged,
): Promise<CollectRun[] | undefined> {
  if (input.force) return undefined;
  const record = await readDeliveryRecord(deps.lake, input.source.id, recordName(input.deliveries));
  if (record?.contentHash !== contentHash) return undefined;
  return unchangedRuns(deps, input, record, staged);
}

async function unchangedRuns(
  deps: CollectDeps,
  input: IngestInput,
  record: DeliveryRecord,
  { messages, bytesRead }: Pick<Staged, "messages" | "bytesRead">,
): Promise<CollectRun[] | undefined> {
  const runs: CollectRun[] = [];
  for (const period of record.periods.filter((candidate) => isWanted(input.periods, candidate))) {
    const head = await readHead(deps.lake, input.source.id, period);
    const current = head === undefined ? undefined : currentVersion(head.value);
    if (head === undefined || current?.contentHash !== record.contentHash || head.value.announced !== current.id)
      return undefined;
    runs.push({ ...runOf("unchanged", current, messages), bytesRead });
  }
  return runs.length === 0 ? undefined : runs;
}
