import { createHash } from "node:crypto";
import { GenOpsError, type Place } from "../../../core/errors.ts";
import { canonicalJson } from "../../../core/json.ts";
import { isObject, type LocatedObject } from "../../../ingestion/input/staged-file.ts";
import type { FileSourceType } from "../../../ingestion/sources/bill.ts";
import { fileSourceOf } from "../../../ingestion/sources/registry.ts";
import { failedRun } from "../collect-source.ts";
import type { CollectDeps, FileSourceConfig } from "../deps.ts";
import { newVersionId } from "../ingest-delivery.ts";
import type { BillUnit } from "../plan-source.ts";
import { identityOf, readingOf, recordName } from "../recognise.ts";
import type { CollectRun } from "../run.ts";
import { commitParts } from "./commit-parts.ts";
import { convertPart } from "./convert-part.ts";
import { type ConversionJob, changeJob, isAlive, keepJob, missingParts, readResult } from "./job.ts";

/** What is to be done next about a job. */
export type JobStep =
  /** These parts are to be converted, each by a call of its own; then `confirmAsked`. */
  | { status: "ask"; job: ConversionJob; parts: number[] }
  /** Others are at it. */
  | { status: "waiting"; missing: number }
  /** It has ended here: these runs are to be reported; then `endJob`. */
  | { status: "finished"; job: ConversionJob; why: "done" | "refused"; runs: CollectRun[] }
  /** What it was made for is no longer there, or is read in another way: the source is to be collected again; then `endJob`. */
  | { status: "superseded"; job: ConversionJob; why: "superseded"; periods: string[] }
  /** It has ended before. */
  | { status: "over" };

/** Asked for longer ago: whoever was to convert these parts has given up. */
const ASK_AGAIN_MS = 3_600_000;

/** Whether a bill is large enough to be converted part by part, and may be. */
export function isForMany(unit: BillUnit, { fanOutBytes }: CollectDeps["limits"]): boolean {
  const [delivery, ...others] = unit.deliveries;
  if (delivery === undefined || others.length > 0 || delivery.role !== "bill") return false;
  if (fileSourceOf<FileSourceType>(unit.source.type).split === undefined) return false;
  const { files } = delivery;
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return files.length > 1 && files.every(isObject) && bytes > fanOutBytes;
}

/**
 * Begins the conversion of a large export, or goes on with it: the same export asked for again is the same job. `cause` tells a repeated
 * delivery of one event from another wish for the same (`force`).
 */
export async function startJob(deps: CollectDeps, unit: BillUnit, cause: string): Promise<JobStep> {
  const fresh = newJob(deps, unit, cause);
  const now = deps.clock.now();
  const job = await keepJob(
    deps.lake,
    fresh,
    (before) =>
      !isAlive(before, now) || before.over === "superseded" || (unit.force && before.forcedBy !== fresh.forcedBy),
  );
  return nextStep(deps, unit.source, job);
}

function newJob(deps: CollectDeps, unit: BillUnit, cause: string): ConversionJob {
  const [delivery] = unit.deliveries;
  const files = (delivery?.files ?? []).filter(isObject);
  const identity = identityOf(unit);
  if (delivery === undefined || identity === undefined) throw new GenOpsError("internal", "not a bill in a bucket");
  const hash = createHash("sha256")
    .update(canonicalJson([identity, unit.periods]))
    .digest("hex")
    .slice(0, 16);
  const { period, manifest, expectedRows, dataVersion } = delivery;
  return {
    id: `${unit.source.id}-${period ?? "all"}-${hash}`,
    run: newVersionId(deps),
    source: unit.source.id,
    periods: [...unit.periods],
    foundAt: unit.foundAt.toISOString(),
    reading: hashOf(unit.source),
    record: { name: recordName(unit.deliveries), identity },
    delivery: { period, manifest, expectedRows, dataVersion },
    parts: files.map(partOf),
    ...(unit.force ? { forcedBy: cause } : {}),
  };
}

function partOf({ name, sizeBytes, modifiedAt, etag }: LocatedObject): ConversionJob["parts"][number] {
  return { name, sizeBytes, modifiedAt: modifiedAt.toISOString(), etag };
}

function hashOf(source: FileSourceConfig): string {
  return createHash("sha256")
    .update(canonicalJson(readingOf(source)))
    .digest("hex");
}

/** The parts have been asked for. Who dies before this says so again. */
export async function confirmAsked(deps: CollectDeps, job: ConversionJob): Promise<void> {
  await changeJob(deps.lake, job, { askedAt: deps.clock.now().toISOString() });
}

/** All that follows from a job has been done. Who dies before this does it again. */
export async function endJob(
  deps: CollectDeps,
  { job, why }: Extract<JobStep, { status: "finished" | "superseded" }>,
): Promise<void> {
  await changeJob(deps.lake, job, { over: why });
}

/** Converts a part unless that was done, and ends the job when it was the last one. */
export async function workOnPart(
  deps: CollectDeps,
  source: FileSourceConfig,
  { job, part }: { job: ConversionJob; part: number },
): Promise<JobStep> {
  if (job.over !== undefined) return { status: "over" };
  if (!isAlive(job, deps.clock.now()) || job.reading !== hashOf(source)) return supersededStep(job);
  const known = await readResult(deps.lake, job, part);
  if (known === undefined && (await convertPart(deps, source, job, part)) === "superseded") return supersededStep(job);
  return nextStep(deps, source, job, true);
}

function supersededStep(job: ConversionJob): JobStep {
  const { periods, delivery } = job;
  const again = delivery.period === undefined ? periods : [delivery.period];
  return { status: "superseded", job, why: "superseded", periods: again };
}

/** `asked`: by an event about one of its parts, so the others have their own. */
async function nextStep(
  deps: CollectDeps,
  source: FileSourceConfig,
  job: ConversionJob,
  asked = false,
): Promise<JobStep> {
  if (job.over !== undefined) return { status: "over" };
  const missing = await missingParts(deps.lake, job);
  if (missing.length === 0) return finish(deps, source, job);
  // Who let the parts start over may have died before asking for them; at the first attempt that is for the event that began it.
  const isDue =
    job.askedAt === undefined
      ? !asked || job.decided !== undefined
      : !asked && deps.clock.now().getTime() - Date.parse(job.askedAt) > ASK_AGAIN_MS;
  return isDue ? { status: "ask", job, parts: missing } : { status: "waiting", missing: missing.length };
}

async function finish(deps: CollectDeps, source: FileSourceConfig, job: ConversionJob): Promise<JobStep> {
  const results = [];
  for (const part of job.parts.keys()) {
    const result = await readResult(deps.lake, job, part);
    if (result === undefined) return { status: "waiting", missing: 1 };
    results.push(result);
  }
  const refusal = results.find((result) => result.refusal !== undefined)?.refusal;
  if (refusal !== undefined) {
    return refusedStep(job, new GenOpsError("refused", refusal.message, { place: refusal.place as Place }));
  }
  const decided = fileSourceOf<FileSourceType>(source.type).split?.decide(results.map(({ decisions }) => decisions));
  const disagrees = results.some(({ decisions }) =>
    Object.entries(decisions).some(([name, decision]) => decided?.[name] !== decision),
  );
  if (disagrees) return startOver(deps, job, { ...decided });
  try {
    return { status: "finished", job, why: "done", runs: await commitParts(deps, source, job, results) };
  } catch (error) {
    if (!(error instanceof GenOpsError) || error.retryable) throw error;
    return refusedStep(job, error);
  }
}

function refusedStep(job: ConversionJob, error: GenOpsError): JobStep {
  const runs = [failedRun(job.source, job.delivery.period ?? "", error)];
  return { status: "finished", job, why: "refused", runs };
}

/** A part decided otherwise than the whole bill would have: all are mapped again, this time with the same decision. */
async function startOver(deps: CollectDeps, job: ConversionJob, decided: Record<string, string>): Promise<JobStep> {
  if (job.decided !== undefined) throw new GenOpsError("internal", `the parts of ${job.id} do not agree in the end`);
  const run = newVersionId(deps);
  const next = await changeJob(deps.lake, job, { run, decided, askedAt: undefined });
  if (next?.run !== run) return { status: "over" };
  return { status: "ask", job: next, parts: [...next.parts.keys()] };
}
