import type { LedgerConfig } from "../config/types.ts";
import type { Clock } from "../ports/clock.ts";
import type { Lake } from "../ports/object-store.ts";
import { sweepKnowledge } from "./completeness/sweep-knowledge.ts";
import { type Head, HeadSchema, headKey, listHeads } from "./head.ts";
import { updateDocument } from "./json-document.ts";
import { listQuarantines } from "./quarantine.ts";

/** No reader holds a snapshot for longer; a version that stopped being readable keeps its files for this long. */
const READER_GRACE_MS = 6 * 3_600_000;
/** Rows without a commit: longer than any writer may take between writing and committing (`STAGED_ROWS_LIVE_MS`). */
const ORPHAN_MS = 24 * 3_600_000;

export interface GarbageReport {
  /** Versions that reads with `asOf` no longer see. */
  expired: number;
  /** Files removed. */
  deleted: number;
}

export interface SweepDeps {
  lake: Lake;
  clock: Clock;
  /** Whether this process looks after the rows of this source (L10). Default: of all of them. */
  isHome?(source: string): boolean;
}

/**
 * Frees superseded versions (L4): first they stop being readable, and only when no reader can still be using them do their files go.
 * Also sweeps what crashed or discarded deliveries left. Safe to run at any time, twice at once, and to be killed in the middle.
 */
export async function collectGarbage(
  deps: SweepDeps,
  config: Pick<LedgerConfig, "retainVersionsDays">,
): Promise<GarbageReport> {
  const now = deps.clock.now();
  const report: GarbageReport = { expired: 0, deleted: 0 };
  const oldest = new Date(now.getTime() - config.retainVersionsDays * 86_400_000);
  for (const head of await listHeads(deps.lake)) {
    // L10: who may only read the rows must not forget that they are there.
    if (deps.isHome?.(head.source) === false) continue;
    const key = headKey(head.source, head.billingPeriod);
    const marked = await updateDocument(deps.lake, key, HeadSchema, (value) =>
      expire(value, oldest.toISOString(), now.toISOString()),
    );
    report.expired += head.versions.length - (marked?.versions.length ?? 0);
    report.deleted += await deleteExpired(deps.lake, key, marked, now);
  }
  report.deleted += (await sweepJobs(deps.lake, now)) + (await sweepKnowledge(deps.lake, oldest));
  return { ...report, deleted: report.deleted + (await sweepOrphans(deps, now)) };
}

/** Conversion jobs and their results: after so long they can no longer be committed (`collect/fan-out/job.ts`). */
async function sweepJobs(lake: Lake, now: Date): Promise<number> {
  const old: string[] = [];
  for await (const { key, modifiedAt } of lake.list("jobs/")) {
    if (now.getTime() - modifiedAt.getTime() > ORPHAN_MS) old.push(key);
  }
  for (const key of old) await lake.delete(key);
  return old.length;
}

/** A version stays readable until its successor is older than the retention: `asOf` within it must find what was current then. */
function expire(head: Head | undefined, before: string, now: string): Head | undefined {
  if (head === undefined) return undefined;
  const firstKept = head.versions.findIndex((_version, index) => {
    const next = head.versions[index + 1];
    return next === undefined || next.committedAt >= before;
  });
  if (firstKept <= 0) return head;
  const gone = head.versions
    .slice(0, firstKept)
    .map(({ id, parts }) => ({ id, keys: parts.map((part) => part.key), since: now }));
  const versions = head.versions.slice(firstKept);
  return { ...head, versions, expired: [...head.expired, ...gone], forgottenBefore: versions[0]?.committedAt };
}

async function deleteExpired(lake: Lake, key: string, head: Head | undefined, now: Date): Promise<number> {
  const limit = new Date(now.getTime() - READER_GRACE_MS).toISOString();
  const ripe = (head?.expired ?? []).filter(({ since }) => since <= limit);
  if (ripe.length === 0) return 0;
  let deleted = 0;
  for (const { id, keys } of ripe) {
    for (const part of keys) await lake.delete(part);
    deleted += keys.length + (await deleteCubes(lake, id));
  }
  const ids = new Set(ripe.map(({ id }) => id));
  await updateDocument(lake, key, HeadSchema, (value) =>
    value === undefined ? undefined : { ...value, expired: value.expired.filter(({ id }) => !ids.has(id)) },
  );
  return deleted;
}

async function deleteCubes(lake: Lake, version: string): Promise<number> {
  let deleted = 0;
  for await (const { key } of lake.list("cube/")) {
    if (!key.endsWith(`/version=${version}.parquet`)) continue;
    await lake.delete(key);
    deleted++;
  }
  return deleted;
}

/** Row files that no head, no waiting quarantine and no possible writer knows. Listed before the heads are read again, so none is missed. */
async function sweepOrphans({ lake, isHome }: SweepDeps, now: Date): Promise<number> {
  const old: string[] = [];
  for (const folder of ["rows/", "groups/"]) {
    for await (const { key, modifiedAt } of lake.list(folder)) {
      const mayDelete = isHome?.(sourceOf(key)) ?? true;
      if (mayDelete && now.getTime() - modifiedAt.getTime() > ORPHAN_MS) old.push(key);
    }
  }
  if (old.length === 0) return 0;
  const used = await usedKeys(lake);
  const orphans = old.filter((key) => !used.has(key));
  for (const key of orphans) await lake.delete(key);
  return orphans.length;
}

function sourceOf(key: string): string {
  return /\/source=([^/]+)\//.exec(key)?.[1] ?? "";
}

async function usedKeys(lake: Lake): Promise<Set<string>> {
  // In this order: what is confirmed meanwhile is either still waiting here or already in its head.
  const waiting = (await listQuarantines(lake)).filter(({ state }) => state === "waiting");
  const heads = await listHeads(lake);
  const versions = [...heads.flatMap((head) => head.versions), ...waiting.flatMap(({ version }) => version ?? [])];
  return new Set([
    ...versions.flatMap(({ parts }) => parts.map(({ key }) => key)),
    ...heads.flatMap(({ expired }) => expired.flatMap(({ keys }) => keys)),
  ]);
}
