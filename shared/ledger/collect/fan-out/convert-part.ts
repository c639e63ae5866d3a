import { rm } from "node:fs/promises";
import { formatDecimal } from "../../../core/decimal.ts";
import { describePlace, GenOpsError } from "../../../core/errors.ts";
import type { LocatedObject, StagedFile } from "../../../ingestion/input/staged-file.ts";
import type { Bill, FileSourceType, StagedDelivery } from "../../../ingestion/sources/bill.ts";
import { fileSourceOf } from "../../../ingestion/sources/registry.ts";
import type { SqlEngine } from "../../../ports/sql-engine.ts";
import { type ConvertedPeriod, convertBill } from "../convert.ts";
import type { CollectDeps, FileSourceConfig } from "../deps.ts";
import { explainRefusal } from "../explain-refusal.ts";
import { deliveredRows, rowFolder } from "../ingest-delivery.ts";
import { isSameObject, stageBillFile } from "../stage-deliveries.ts";
import { sizeOf } from "../write-rows.ts";
import { type ConversionJob, keepResult, type PartResult, partName, readResult } from "./job.ts";

/**
 * Converts one part of a large export into the lake and keeps its result. `superseded`: the bucket no longer has what the job was made
 * for. A part that cannot be converted has a result, too; what may pass is thrown.
 */
export async function convertPart(
  deps: CollectDeps,
  source: FileSourceConfig,
  job: ConversionJob,
  part: number,
): Promise<"kept" | "superseded"> {
  const object = await openObject(deps, job, part);
  if (!(await isSameObject(object))) return "superseded";
  const workDir = await deps.createWorkDir();
  try {
    const result = await readPart(deps, { source, job, part, object, workDir }).catch((error: unknown) =>
      refused(part, error),
    );
    // Converted or not: what was read must be what is there, or it says nothing about the export.
    if (!(await isSameObject(object))) return "superseded";
    await keepResult(deps.lake, job, result);
    return "kept";
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

async function openObject(deps: CollectDeps, job: ConversionJob, part: number): Promise<LocatedObject> {
  const file = job.parts[part];
  if (file === undefined) throw new GenOpsError("refused", `job ${job.id} has no part ${part}`);
  const { name, sizeBytes, modifiedAt, etag } = file;
  const { store, key } = await deps.openBills(name);
  return {
    store,
    key,
    name,
    sizeBytes,
    modifiedAt: new Date(modifiedAt),
    ...(etag === undefined ? {} : { etag }),
  };
}

interface PartInput {
  source: FileSourceConfig;
  job: ConversionJob;
  part: number;
  object: LocatedObject;
  workDir: string;
}

async function readPart(deps: CollectDeps, input: PartInput): Promise<PartResult> {
  const { limits, progress } = deps;
  const { object, workDir, part } = input;
  const file = await stageBillFile(object, 0, { workDir, maxBytes: limits.maxInputBytes, progress });
  const nothing = { part, sha256: file.sha256, blank: file.blank, ...NOTHING };
  if (file.blank) return nothing;
  const engine = await deps.createEngine();
  try {
    return { ...nothing, ...(await convertFile(deps, engine, input, file)) };
  } finally {
    await engine.close();
  }
}

const NOTHING = { accounting: [], decisions: {}, periods: [], conformance: [], messages: [] };

async function convertFile(
  deps: CollectDeps,
  engine: SqlEngine,
  input: PartInput,
  file: StagedFile,
): Promise<Partial<PartResult>> {
  const { source, job, workDir } = input;
  const { progress } = deps;
  const { expectedRows: _rowsOfAllParts, period, manifest, dataVersion } = job.delivery;
  const delivery: StagedDelivery = {
    role: "bill",
    files: [file],
    ...(period === undefined ? {} : { period }),
    ...(manifest === undefined ? {} : { manifest }),
    ...(dataVersion === undefined ? {} : { dataVersion }),
  };
  let bill: Bill | undefined;
  try {
    const { decided = {} } = job;
    const reader = fileSourceOf<FileSourceType>(source.type);
    bill = await reader.open({ engine, source, deliveries: [delivery], progress, decided });
    if ((await deliveredRows(engine, bill)) === 0) return {};
    const nativeExport = source.type === "focus-export";
    const converted = await convertBill(engine, bill, [delivery], { workDir, nativeExport, oneFile: true, progress });
    const { accounting, conformance, messages } = converted;
    return {
      accounting,
      conformance,
      messages,
      control: controlLines(converted.control),
      decisions: { ...bill.decisions },
      periods: await storePeriods(deps, input, converted.periods),
    };
  } catch (error) {
    throw await explainRefusal(error, { engine, source: source.id, files: [file], bill });
  }
}

function controlLines(control: Awaited<ReturnType<typeof convertBill>>["control"]): PartResult["control"] {
  if (control === undefined) return undefined;
  return [...control].flatMap(([billingPeriod, totals]) =>
    totals.map(({ metric, currency, amount }) => ({ billingPeriod, metric, currency, amount: formatDecimal(amount) })),
  );
}

/** Nothing is written once there is a result: the rows that it names may be committed already. */
async function storePeriods(
  deps: CollectDeps,
  { source, job, part }: PartInput,
  periods: readonly ConvertedPeriod[],
): Promise<PartResult["periods"]> {
  const stored: PartResult["periods"] = [];
  const isLate = (await readResult(deps.lake, job, part)) !== undefined;
  for (const { files, ...period } of periods) {
    const [file] = files;
    if (file === undefined) continue;
    const key = `${rowFolder(source.id, period.billingPeriod, job.run)}/${partName(part)}.parquet`;
    stored.push({ ...period, parts: [{ key, rows: period.rows, bytes: await sizeOf(file) }] });
    if (!isLate) await deps.lake.putFile(key, file);
  }
  return stored;
}

/** The same input would be refused again; what is not the input's fault is tried again. */
function refused(part: number, error: unknown): PartResult {
  if (!(error instanceof GenOpsError) || error.retryable) throw error;
  const { place } = error;
  const message = error.message.slice(0, error.message.length - describePlace(place).length);
  return { part, sha256: "", blank: false, ...NOTHING, refusal: { message, place: { ...place } } };
}
