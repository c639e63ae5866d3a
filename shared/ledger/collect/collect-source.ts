import { rm } from "node:fs/promises";
import type { SourceConfig } from "../../config/types.ts";
import { atPlace, GenOpsError, messageOf } from "../../core/errors.ts";
import type { CollectDeps } from "./deps.ts";
import { recordFailures } from "./failures.ts";
import { ingestDelivery } from "./ingest-delivery.ts";
import { type CollectUnit, type FetchUnit, type PlanInput, planSource } from "./plan-source.ts";
import { type CollectRun, emptyRun } from "./run.ts";

export interface CollectInput extends PlanInput {
  sources: readonly SourceConfig[];
}

/** Collects several sources, one after the other. A source that fails is reported and does not stop the others. */
export async function collectSources(deps: CollectDeps, input: CollectInput): Promise<CollectRun[]> {
  const runs: CollectRun[] = [];
  for (const source of input.sources) runs.push(...(await collectSource(deps, source, input)));
  await recordFailures(deps.lake, runs, deps.clock.now());
  return runs;
}

async function collectSource(deps: CollectDeps, source: SourceConfig, input: PlanInput): Promise<CollectRun[]> {
  try {
    const runs: CollectRun[] = [];
    for (const unit of await planSource(deps, source, input)) runs.push(...(await collectUnit(deps, unit)));
    return runs;
  } catch (error) {
    return [failedRun(source.id, "", error)];
  }
}

/** Does one piece of work, whatever becomes of it, and says how long it took. Never throws. */
export async function collectUnit(deps: CollectDeps, unit: CollectUnit): Promise<CollectRun[]> {
  const start = deps.clock.now().getTime();
  const runs = await (unit.kind === "fetch" ? collectFetched(deps, unit) : ingestDelivery(deps, unit)).catch(
    (error: unknown) => [failedRun(unit.source.id, unit.period ?? "", error)],
  );
  const seconds = (deps.clock.now().getTime() - start) / 1000;
  return runs.map((run) => ({ ...run, seconds }));
}

async function collectFetched(deps: CollectDeps, { source, period, fetcher, force }: FetchUnit): Promise<CollectRun[]> {
  const folder = await deps.createWorkDir();
  try {
    const { apis, lake: store, clock, randomness, deadline, progress } = deps;
    const foundAt = clock.now();
    const { scopeColumns = [] } = deps;
    const context = { source, period, folder, apis, store, clock, randomness, deadline, progress, scopeColumns };
    const bill = await fetcher.fetch(context);
    const none = emptyRun("unchanged", source.id, period, bill.messages);
    if (bill.outcome === "nothing") return [none];
    if (bill.outcome === "later") return [{ ...none, laterMs: bill.afterMs }];
    const { files, expectedRows, messages, inPlace } = bill;
    const delivery = { role: "bill" as const, period, files, ...(expectedRows === undefined ? {} : { expectedRows }) };
    const runs = await ingestDelivery(deps, {
      source,
      deliveries: [delivery],
      periods: [period],
      force,
      foundAt,
      inPlace,
    });
    await bill.collected?.();
    return runs.map((run) => ({ ...run, messages: [...messages, ...run.messages] }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What did not work, in words that name the source. */
export function failedRun(source: string, period: string, error: unknown): CollectRun {
  const placed = error instanceof GenOpsError ? atPlace(error, { source }) : error;
  return { ...emptyRun("failed", source, period, [messageOf(placed)]), error };
}
