import { rm } from "node:fs/promises";
import type { Bill, FileSourceType } from "../../ingestion/sources/bill.ts";
import type { InPlaceReading } from "../../ingestion/sources/fetcher.ts";
import { fileSourceOf } from "../../ingestion/sources/registry.ts";
import type { Progress } from "../../ports/progress.ts";
import { type SqlEngine, sqlText } from "../../ports/sql-engine.ts";
import type { PeriodVersion, RowPart } from "../versions.ts";
import { assertWhole } from "./accounting.ts";
import { commitBill } from "./commit-bill.ts";
import { type Converted, type ConvertedPeriod, convertBill } from "./convert.ts";
import type { CollectDeps } from "./deps.ts";
import { explainRefusal } from "./explain-refusal.ts";
import { quarantineEmpty } from "./quarantined-runs.ts";
import {
  type IngestInput,
  identityOf,
  readingOf,
  recogniseContent,
  recogniseDelivery,
  recordName,
  unfinishedRuns,
} from "./recognise.ts";
import type { CollectRun } from "./run.ts";
import { assertUntouched, contentHashOf, type Staged, stageDeliveries } from "./stage-deliveries.ts";
import { parquetOf, sizeOf } from "./write-rows.ts";

/** Collects one bill: recognise → stage → convert → prove → commit per billing period. Throws (`refused`) before anything has changed. */
export async function ingestDelivery(deps: CollectDeps, input: IngestInput): Promise<CollectRun[]> {
  return (await recogniseDelivery(deps, input)) ?? unfinishedRuns(deps, input) ?? (await readDelivery(deps, input));
}

async function readDelivery(deps: CollectDeps, input: IngestInput): Promise<CollectRun[]> {
  const workDir = await deps.createWorkDir();
  try {
    const staged = await stageDeliveries(input.deliveries, {
      workDir,
      maxBytes: deps.limits.maxInputBytes,
      progress: deps.progress,
    });
    const contentHash = contentHashOf(staged.deliveries, readingOf(input.source));
    const known = await recogniseContent(deps, input, contentHash, staged);
    if (known !== undefined) return known;
    const engine = await deps.createEngine();
    try {
      const converted = await convert(engine, deps.progress, input, staged, workDir);
      await assertUntouched(staged.deliveries);
      if (converted === undefined) {
        const { source, deliveries } = input;
        const empty = { source: source.id, deliveries, record: recordName(deliveries), contentHash };
        return [await quarantineEmpty(deps, empty, staged)];
      }
      return await commit(deps, input, { staged, contentHash, engine, converted });
    } finally {
      await engine.close();
    }
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

/** `undefined`: nothing in it, not even a row. */
async function convert(
  engine: SqlEngine,
  progress: Progress,
  input: Pick<IngestInput, "source">,
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
    if ((await deliveredRows(engine, bill)) === 0) return undefined;
    const nativeExport = input.source.type === "focus-export";
    const converted = await convertBill(engine, bill, deliveries, { workDir, nativeExport, progress });
    assertWhole(converted, deliveries);
    return converted;
  } catch (error) {
    throw await explainRefusal(error, { engine, source: input.source.id, files, bill });
  }
}

/** Rows of an opened bill, before anything is made of them. */
export async function deliveredRows(engine: SqlEngine, bill: Bill): Promise<number> {
  const [source] = await engine.query(
    `SELECT coalesce(sum(rows), 0) AS n FROM (${bill.accounting}) WHERE label = 'source'`,
  );
  return Number(source?.["n"] ?? 0);
}

interface Reading {
  staged: Staged;
  contentHash: string;
  engine: SqlEngine;
  converted: Converted;
}

async function commit(deps: CollectDeps, input: IngestInput, reading: Reading): Promise<CollectRun[]> {
  const { staged, contentHash, engine, converted } = reading;
  const { source, periods, deliveries } = input;
  const bill = {
    ...(input.inPlace === undefined ? converted : inPlaceBill(converted, input.inPlace)),
    startedAt: input.foundAt,
    contentHash,
    sourceInstant: staged.sourceInstant,
    incomplete: await incompleteness(engine, staged),
    stagedMessages: staged.messages,
    bytesRead: staged.bytesRead,
  };
  const record = { name: recordName(deliveries), identity: identityOf(input) };
  return commitBill(deps, { source, periods, record }, bill, {
    store: (period) => storeRows(deps, { source: source.id, inPlace: input.inPlace }, engine, period),
    discard: (version) => discardParts(deps, version),
  });
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
  return incompleteBecauseOf(names);
}

/** The doubt about a delivery some of whose files have no rows. */
export function incompleteBecauseOf(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `no rows in ${names.join(", ")}, which belongs to the same bill`;
}

async function storeRows(
  deps: CollectDeps,
  { source, inPlace }: { source: string; inPlace: InPlaceReading | undefined },
  engine: SqlEngine,
  period: ConvertedPeriod,
): Promise<{ id: string; parts: RowPart[] }> {
  const id = newVersionId(deps);
  const parts: RowPart[] = [];
  const own = inPlace === undefined ? rowFolder : groupFolder;
  for (const [index, file] of period.files.entries()) {
    const [count] = await engine.query(`SELECT count(*) AS n FROM ${parquetOf([file])}`);
    const key = `${own(source, period.billingPeriod, id)}/part-${index}.parquet`;
    const part = { key, rows: Number(count?.["n"] ?? 0), bytes: await sizeOf(file) };
    await deps.lake.putFile(part.key, file);
    parts.push(part);
  }
  return { id, parts };
}

/** A version's name: when it was made, and what nobody else has drawn. */
export function newVersionId({ clock, randomness }: Pick<CollectDeps, "clock" | "randomness">): string {
  return `${clock.now().toISOString().replace(/[-:.]/g, "")}-${randomness.id().slice(0, 8)}`;
}

/** Where a version's rows lie (L9). */
export function rowFolder(source: string, billingPeriod: string, version: string): string {
  return `rows/source=${source}/billing_period=${billingPeriod}/version=${version}`;
}

/** Where daily groups lie of rows that stay in place. */
function groupFolder(source: string, billingPeriod: string, version: string): string {
  return `groups/source=${source}/billing_period=${billingPeriod}/version=${version}`;
}

/** A bill whose rows were counted and added up where they are: the groups must agree with that, not with themselves (L1). */
function inPlaceBill(converted: Converted, { at, columns, rows, control }: InPlaceReading) {
  const [period] = converted.periods;
  return {
    ...converted,
    periods: converted.periods.map((each) => ({ ...each, rows })),
    control: new Map(period === undefined ? [] : [[period.billingPeriod, control]]),
    inPlace: { at, columns },
  };
}

/** Parts that no head and no quarantine names. */
async function discardParts(deps: CollectDeps, candidate: PeriodVersion): Promise<void> {
  for (const { key } of candidate.parts) await deps.lake.delete(key);
}
