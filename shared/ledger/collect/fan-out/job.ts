import * as z from "zod";
import type { ObjectStore } from "../../../ports/object-store.ts";
import { ConformanceFindingSchema, RowPartSchema, VersionTotalsSchema } from "../../head.ts";
import { encodeDocument, readDocument, updateDocument } from "../../json-document.ts";
import { STAGED_ROWS_LIVE_MS } from "../../replace-period.ts";

/**
 * A large export whose parts are converted by calls of their own, in any order, some of them twice. Everything they need to know of each
 * other is here and in one result per part; whoever finds all results there commits.
 */
const ConversionJobSchema = z.object({
  /** Follows from what was delivered: the same export asked for twice is one job. */
  id: z.string(),
  /** Names this attempt and the version that it commits. Another attempt shares nothing with it. */
  run: z.string(),
  source: z.string(),
  /** Only these billing periods; empty means all. */
  periods: z.array(z.string()),
  /** Before its files were looked for. */
  foundAt: z.string(),
  /** Fingerprint of how this source's files are read. */
  reading: z.string(),
  record: z.object({ name: z.string(), identity: z.string() }),
  delivery: z.object({
    period: z.string().optional(),
    manifest: z.string().optional(),
    expectedRows: z.number().optional(),
    dataVersion: z.string().optional(),
  }),
  parts: z.array(
    z.object({ name: z.string(), sizeBytes: z.number(), modifiedAt: z.string(), etag: z.string().optional() }),
  ),
  /** What the parts of an earlier attempt did not agree about. */
  decided: z.record(z.string(), z.string()).optional(),
  /** When the parts that were missing were last asked for. */
  askedAt: z.string().optional(),
  /** The event that wanted it converted although it was known. */
  forcedBy: z.string().optional(),
  /** Set when nothing is left to do. */
  over: z.enum(["done", "refused", "superseded"]).optional(),
});
export type ConversionJob = z.output<typeof ConversionJobSchema>;

/** What became of one part. Written once: of two calls for the same part the first one counts. */
const PartResultSchema = z.object({
  part: z.number(),
  sha256: z.string(),
  blank: z.boolean(),
  accounting: z.array(z.object({ label: z.string(), rows: z.number() })),
  /** Absent: the source has no totals of its own. */
  control: z
    .array(
      z.object({
        billingPeriod: z.string(),
        metric: z.enum(["BilledCost", "EffectiveCost"]),
        currency: z.string(),
        amount: z.string(),
      }),
    )
    .optional(),
  decisions: z.record(z.string(), z.string()),
  periods: z.array(
    z.object({
      billingPeriod: z.string(),
      rows: z.number(),
      totals: z.array(VersionTotalsSchema),
      providers: z.array(z.string()),
      parts: z.array(RowPartSchema),
    }),
  ),
  conformance: z.array(ConformanceFindingSchema),
  messages: z.array(z.string()),
  /** Why it cannot be converted, and where. */
  refusal: z.object({ message: z.string(), place: z.record(z.string(), z.union([z.string(), z.number()])) }).optional(),
});
export type PartResult = z.output<typeof PartResultSchema>;

const FOLDER = "jobs/";
/** Well before rows without a commit may be swept. */
const JOB_LIVES_MS = STAGED_ROWS_LIVE_MS - 3_600_000;

const jobKey = (id: string) => `${FOLDER}${id}.json`;
const resultFolder = ({ id, run }: ConversionJob) => `${FOLDER}${id}/${run}/`;

export async function readJob(store: ObjectStore, id: string): Promise<ConversionJob | undefined> {
  return (await readDocument(store, jobKey(id), ConversionJobSchema))?.value;
}

/** Whether its results can still be committed. */
export function isAlive(job: ConversionJob, now: Date): boolean {
  return now.getTime() - Date.parse(job.foundAt) < JOB_LIVES_MS;
}

/** The job of this export: the one there is, or this one where there is none or `replaces` says so. */
export async function keepJob(
  store: ObjectStore,
  fresh: ConversionJob,
  replaces: (before: ConversionJob) => boolean,
): Promise<ConversionJob> {
  const kept = await updateDocument(store, jobKey(fresh.id), ConversionJobSchema, (before) =>
    before === undefined || replaces(before) ? fresh : before,
  );
  return kept ?? fresh;
}

/** Changes this attempt of a job; another attempt is left alone. Returns the job as it stands then. */
export async function changeJob(
  store: ObjectStore,
  { id, run }: ConversionJob,
  change: Partial<ConversionJob>,
): Promise<ConversionJob | undefined> {
  return updateDocument(store, jobKey(id), ConversionJobSchema, (before) =>
    before?.run === run ? { ...before, ...change } : before,
  );
}

export async function readResult(
  store: ObjectStore,
  job: ConversionJob,
  part: number,
): Promise<PartResult | undefined> {
  return (await readDocument(store, resultKey(job, part), PartResultSchema))?.value;
}

/** Keeps a part's result unless there is one already. */
export async function keepResult(store: ObjectStore, job: ConversionJob, result: PartResult): Promise<void> {
  await store.put(resultKey(job, result.part), encodeDocument(PartResultSchema, result), { create: true });
}

/** Parts of this attempt that have no result yet. */
export async function missingParts(store: ObjectStore, job: ConversionJob): Promise<number[]> {
  const present = new Set<string>();
  for await (const { key } of store.list(resultFolder(job))) present.add(key);
  return job.parts.map((_part, index) => index).filter((part) => !present.has(resultKey(job, part)));
}

function resultKey(job: ConversionJob, part: number): string {
  return `${resultFolder(job)}${partName(part)}.json`;
}

/** `part-00003`: the same name at every attempt, so that a part that is converted twice lies in one place. */
export function partName(part: number): string {
  return `part-${String(part).padStart(5, "0")}`;
}
