import { createHash } from "node:crypto";
import { rm } from "node:fs/promises";
import type { LedgerConfig, SourceConfig, SourceConfigOf } from "../../config/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { Bill, FileSourceType } from "../../ingestion/sources/bill.ts";
import { fileSourceOf, isFileSourceType } from "../../ingestion/sources/registry.ts";
import type { OpenBillStore } from "../../ports/bill-store.ts";
import type { BillingApis } from "../../ports/billing-apis.ts";
import type { Deadline } from "../../ports/invocation.ts";
import type { Progress } from "../../ports/progress.ts";
import type { Randomness } from "../../ports/randomness.ts";
import { type SqlEngine, sqlText } from "../../ports/sql-engine.ts";
import { currentVersion, readHead } from "../head.ts";
import { type ReplaceDeps, type ReplaceOutcome, replacePeriod } from "../replace-period.ts";
import type { PeriodVersion, RowPart } from "../versions.ts";
import { compareControl } from "./control-totals.ts";
import { type Converted, type ConvertedPeriod, convertBill } from "./convert.ts";
import { keepDeliveryRecord, readDeliveryRecord } from "./delivery-record.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { discardedRun, quarantineEmpty } from "./quarantined-runs.ts";
import { type CollectRun, runOf } from "./run.ts";
import {
  assertUntouched,
  contentHashOf,
  type LocatedDelivery,
  type Staged,
  stageDeliveries,
} from "./stage-deliveries.ts";
import { parquetOf, sizeOf } from "./write-rows.ts";

export interface CollectDeps extends ReplaceDeps {
  randomness: Randomness;
  progress: Progress;
  limits: LedgerConfig;
  /** A fresh engine, closed by who asked for it. */
  createEngine(): Promise<SqlEngine>;
  /** A fresh private folder, removed by who asked for it. */
  createWorkDir(): Promise<string>;
  /** Billing APIs, for sources that are fetched. */
  apis: BillingApis;
  /** Buckets that bills lie in. */
  openBills: OpenBillStore;
  /** When this run is ended from outside. */
  deadline: Deadline;
}

export type FileSourceConfig = SourceConfigOf<FileSourceType>;

export interface IngestInput {
  source: FileSourceConfig;
  /** What is read together as one bill. */
  deliveries: readonly LocatedDelivery[];
  /** Only these billing periods; empty means all. */
  periods: readonly string[];
  /** Convert even if the content is known. */
  force: boolean;
}

/** Collects one bill: stage → recognise → convert → prove → commit per billing period. Throws (`refused`) before anything has changed. */
export async function ingestDelivery(deps: CollectDeps, input: IngestInput): Promise<CollectRun[]> {
  const workDir = await deps.createWorkDir();
  try {
    const startedAt = deps.clock.now();
    const staged = await stageDeliveries(input.deliveries, {
      workDir,
      maxBytes: deps.limits.maxInputBytes,
      progress: deps.progress,
    });
    const contentHash = contentHashOf(staged.deliveries, readingOf(input.source));
    const known = input.force ? undefined : await knownRuns(deps, input, contentHash, staged);
    if (known !== undefined) return known;
    const engine = await deps.createEngine();
    try {
      const converted = await convert(engine, deps.progress, input, staged, workDir);
      if (converted === undefined) {
        const { source, deliveries } = input;
        return [
          await quarantineEmpty(
            deps,
            { source: source.id, deliveries, record: recordName(input), contentHash },
            staged,
          ),
        ];
      }
      await assertUntouched(staged.deliveries);
      const incomplete = await incompleteness(engine, staged);
      return await commit(deps, input, { startedAt, staged, contentHash, engine, incomplete }, converted);
    } finally {
      await engine.close();
    }
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
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
]);

/** What beside the bytes decides the rows. */
function readingOf(source: FileSourceConfig): unknown {
  const reading = Object.fromEntries(Object.entries(source).filter(([key]) => !NOT_READING.has(key)));
  return { reading, mapping: fileSourceOf<FileSourceType>(source.type).mappingVersion };
}

function recordName(input: IngestInput): string {
  const places = input.deliveries.map(({ role, period, manifest, files }) => [
    role,
    period,
    manifest ?? files.map(({ name }) => name),
  ]);
  return createHash("sha256").update(JSON.stringify(places)).digest("hex").slice(0, 24);
}

/** L3: the same content as last time, and still current. */
async function knownRuns(
  deps: CollectDeps,
  input: IngestInput,
  contentHash: string,
  staged: Staged,
): Promise<CollectRun[] | undefined> {
  const record = await readDeliveryRecord(deps.lake, input.source.id, recordName(input));
  if (record?.contentHash !== contentHash) return undefined;
  const runs: CollectRun[] = [];
  for (const period of record.periods.filter((candidate) => isWanted(input, candidate))) {
    const head = await readHead(deps.lake, input.source.id, period);
    const current = head === undefined ? undefined : currentVersion(head.value);
    if (head === undefined || current?.contentHash !== contentHash || head.value.announced !== current.id)
      return undefined;
    runs.push({ ...runOf("unchanged", current, staged.messages), bytesRead: staged.bytesRead });
  }
  return runs.length === 0 ? undefined : runs;
}

function isWanted(input: IngestInput, period: string): boolean {
  return input.periods.length === 0 || input.periods.includes(period);
}

/** `undefined`: nothing in it, not even a row. */
async function convert(
  engine: SqlEngine,
  progress: Progress,
  input: IngestInput,
  staged: Staged,
  workDir: string,
): Promise<Converted | undefined> {
  const deliveries = staged.deliveries.filter(({ files }) => files.length > 0);
  if (deliveries.length === 0) return undefined;
  const files = deliveries.flatMap((delivery) => delivery.files);
  let bill: Bill | undefined;
  try {
    bill = await fileSourceOf<FileSourceType>(input.source.type).open({
      engine,
      source: input.source,
      deliveries,
      progress,
    });
    const [source] = await engine.query(
      `SELECT coalesce(sum(rows), 0) AS n FROM (${bill.accounting}) WHERE label = 'source'`,
    );
    if (Number(source?.["n"] ?? 0) === 0) return undefined;
    return await convertBill(engine, bill, deliveries, {
      workDir,
      nativeExport: input.source.type === "focus-export",
      progress,
    });
  } catch (error) {
    throw await explainRefusal(error, { engine, source: input.source.id, files, bill });
  }
}

interface Reading {
  startedAt: Date;
  staged: Staged;
  contentHash: string;
  engine: SqlEngine;
  incomplete: string | undefined;
}

/** L5 for a part of a delivery: an empty file beside good ones, or one of Azure's two files without a row. */
async function incompleteness(engine: SqlEngine, { deliveries, empty }: Staged): Promise<string | undefined> {
  const names = [...empty];
  for (const { files } of deliveries.length > 1 ? deliveries : []) {
    const paths = files.map(({ readPath }) => sqlText(readPath)).join(", ");
    const rows =
      files.length === 0 ? [] : await engine.query(`SELECT 1 FROM bill WHERE source_file IN (${paths}) LIMIT 1`);
    if (rows.length === 0) names.push(...files.map(({ name }) => name));
  }
  return names.length === 0 ? undefined : `no rows in ${names.join(", ")}, which belongs to the same bill`;
}

async function commit(
  deps: CollectDeps,
  input: IngestInput,
  reading: Reading,
  converted: Converted,
): Promise<CollectRun[]> {
  const runs: CollectRun[] = [];
  for (const period of converted.periods.filter(({ billingPeriod }) => isWanted(input, billingPeriod))) {
    const candidate = await storeRows(deps, input, reading, converted, period);
    const outcome = await replacePeriod(deps, candidate, reading.startedAt, {
      limits: deps.limits,
      allowShrink: input.source.allowShrink === true,
      incomplete: reading.incomplete,
    });
    if (!keepsParts(outcome, candidate)) await discardParts(deps, candidate);
    runs.push({
      ...(await runOfOutcome(deps, outcome, candidate, reading.staged.messages)),
      bytesRead: reading.staged.bytesRead,
    });
  }
  const periods = runs.filter(({ status }) => status !== "quarantined").map(({ period }) => period);
  if (runs.length === periods.length && input.periods.length === 0) {
    await keepDeliveryRecord(deps.lake, input.source.id, recordName(input), {
      contentHash: reading.contentHash,
      periods,
    });
  }
  return runs;
}

async function storeRows(
  deps: CollectDeps,
  input: IngestInput,
  reading: Reading,
  converted: Converted,
  period: ConvertedPeriod,
): Promise<PeriodVersion> {
  const id = `${deps.clock.now().toISOString().replace(/[-:.]/g, "")}-${deps.randomness.id().slice(0, 8)}`;
  const folder = `rows/source=${input.source.id}/billing_period=${period.billingPeriod}/version=${id}`;
  const parts: RowPart[] = [];
  for (const [index, file] of period.files.entries()) {
    const [count] = await reading.engine.query(`SELECT count(*) AS n FROM ${parquetOf([file])}`);
    const part = { key: `${folder}/part-${index}.parquet`, rows: Number(count?.["n"] ?? 0), bytes: await sizeOf(file) };
    await deps.lake.putFile(part.key, file);
    parts.push(part);
  }
  return {
    id,
    source: input.source.id,
    billingPeriod: period.billingPeriod,
    contentHash: reading.contentHash,
    sourceInstant: reading.staged.sourceInstant,
    rows: period.rows,
    totals: period.totals,
    control:
      converted.control === undefined ? "none" : compareControl(converted.control, period.billingPeriod, period.totals),
    parts,
    providers: period.providers,
    conformance: converted.conformance,
    messages: [...reading.staged.messages, ...converted.messages],
  };
}

async function runOfOutcome(
  deps: CollectDeps,
  outcome: ReplaceOutcome,
  candidate: PeriodVersion,
  messages: readonly string[],
): Promise<CollectRun> {
  if (outcome.status === "replaced") return runOf("replaced", outcome.version, []);
  if (outcome.status === "unchanged") return runOf("unchanged", outcome.version, messages);
  const { quarantine } = outcome;
  if (quarantine.state === "discarded") return discardedRun(deps, quarantine);
  return {
    ...runOf("quarantined", candidate, [`quarantined as ${quarantine.id}: ${quarantine.detail}`]),
    quarantine: quarantine.id,
  };
}

/** A quarantine keeps the first delivery of a content; the same again has brought nothing new. */
function keepsParts(outcome: ReplaceOutcome, candidate: PeriodVersion): boolean {
  return (
    outcome.status === "replaced" ||
    (outcome.status === "quarantined" && outcome.quarantine.version?.id === candidate.id)
  );
}

/** Parts that no head and no quarantine names. */
async function discardParts(deps: CollectDeps, candidate: PeriodVersion): Promise<void> {
  for (const { key } of candidate.parts) await deps.lake.delete(key);
}

/** Refuses what a source type cannot do here. */
export function assertFileSource(source: SourceConfig): asserts source is FileSourceConfig {
  if (!isFileSourceType(source.type)) {
    throw new GenOpsError(
      "config",
      `source type ${source.type} needs live access, which this version does not have yet`,
      {
        place: { source: source.id },
      },
    );
  }
}
