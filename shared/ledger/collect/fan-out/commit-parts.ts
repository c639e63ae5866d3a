import { assertWhole, sourceRows } from "../accounting.ts";
import { commitBill } from "../commit-bill.ts";
import type { CollectDeps, FileSourceConfig } from "../deps.ts";
import { incompleteBecauseOf } from "../ingest-delivery.ts";
import { quarantineEmpty } from "../quarantined-runs.ts";
import { readingOf } from "../recognise.ts";
import type { CollectRun } from "../run.ts";
import { contentHashOf } from "../stage-deliveries.ts";
import { combineParts } from "./combine-parts.ts";
import type { ConversionJob, PartResult } from "./job.ts";

/**
 * Proves and commits a bill whose parts are all in the lake, as if it had been read whole. Two that do this at once commit the same
 * version: one replaces, the other finds the same content. Rows that nobody commits are swept later, never here: somebody else may
 * still be about to commit them.
 */
export async function commitParts(
  deps: CollectDeps,
  source: FileSourceConfig,
  job: ConversionJob,
  results: readonly PartResult[],
): Promise<CollectRun[]> {
  const { empty, counted, twins, ...combined } = combineParts(job, results);
  const contentHash = contentHashOf([{ role: "bill", files: counted }], readingOf(source));
  const bytesRead = job.parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (sourceRows(combined.accounting) === 0) {
    const deliveries = [{ ...job.delivery, files: job.parts }];
    const found = { source: source.id, deliveries, record: job.record.name, contentHash };
    return [await quarantineEmpty(deps, found, { messages: combined.stagedMessages, bytesRead })];
  }
  assertWhole(combined, [job.delivery]);
  // They lie in the folder of the version, where other tools would count them (L9).
  for (const { key } of twins.flatMap(({ periods }) => periods).flatMap(({ parts }) => parts))
    await deps.lake.delete(key);
  const bill = {
    ...combined,
    startedAt: new Date(job.foundAt),
    contentHash,
    sourceInstant:
      job.parts
        .map(({ modifiedAt }) => modifiedAt)
        .sort()
        .at(-1) ?? job.foundAt,
    incomplete: incompleteBecauseOf(empty),
    bytesRead,
  };
  return commitBill(deps, { source, periods: job.periods, record: job.record }, bill, {
    store: ({ parts }) => Promise.resolve({ id: job.run, parts }),
    discard: () => Promise.resolve(),
  });
}
