import { GenOpsError } from "../core/errors.ts";
import { inParallel } from "../core/in-parallel.ts";
import type { Lake } from "../ports/object-store.ts";
import { type SqlEngine, sqlName } from "../ports/sql-engine.ts";
import { type CubeShape, createAllocatedRows, ensureCube, findCube } from "./build-cube.ts";
import { type ClusterRule, type MeasuredCluster, splitClusterCosts } from "./cluster-costs.ts";
import { parquetOf } from "./collect/write-rows.ts";
import { CUBE_DIMENSIONS, CUBE_MEASURES } from "./cube.ts";
import { EMPTY_FOCUS_ROWS_SQL } from "./empty-rows.ts";
import { type Head, listHeads, READERS, versionAsOf } from "./head.ts";
import { createCube } from "./shared-costs.ts";
import type { CommittedVersion } from "./versions.ts";

export interface OpenCostsDeps {
  lake: Lake;
  engine: SqlEngine;
  /** For cubes that have to be built. */
  workDir: string;
}

export interface CostsQuery extends CubeShape {
  /** Knowledge time (L4); undefined means now. */
  asOf?: Date | undefined;
  sources?: readonly string[];
  /** Only these billing periods: what a question about a few days does not need is not fetched. */
  billingPeriods?: readonly string[];
  /** Clusters whose bill is split by measured shares. The sources of shares cost nothing themselves. */
  clusters?: readonly ClusterRule[];
}

/** A consistent choice of versions: one per (source, billing period), each whole (L2). */
export async function readVersions(
  lake: Lake,
  query: Pick<CostsQuery, "asOf" | "sources" | "billingPeriods">,
): Promise<CommittedVersion[]> {
  return versionsOf(await listHeads(lake), query);
}

function versionsOf(
  heads: readonly Head[],
  query: Pick<CostsQuery, "asOf" | "sources" | "billingPeriods">,
): CommittedVersion[] {
  const { sources, billingPeriods } = query;
  return heads
    .filter(({ source }) => sources === undefined || sources.includes(source))
    .filter(({ billingPeriod }) => billingPeriods === undefined || billingPeriods.includes(billingPeriod))
    .flatMap((head) => versionAsOf(head, query.asOf) ?? [])
    .filter(({ rows }) => rows > 0);
}

/** Makes the relation `cube` (columns of `cube.ts` plus the scope columns), shared costs spread. Returns the versions behind it. */
export async function openCube(deps: OpenCostsDeps, query: CostsQuery): Promise<CommittedVersion[]> {
  const { versions, clusters } = await chooseVersions(deps.lake, query);
  const known = await inParallel(versions, READERS, (version) => findCube(deps.lake, query, version));
  const files: string[] = [];
  // Building needs the engine, so one after the other.
  for (const [index, version] of versions.entries())
    files.push(known[index] ?? (await ensureCube(deps, query, version)));
  const dimensions = [...CUBE_DIMENSIONS, ...query.scopeColumns];
  const billed = files.length === 0 ? emptyCube(query.scopeColumns) : parquetOf(files);
  const { allocation } = query;
  const from = await splitClusterCosts(deps.engine, billed, clusters, { allocation, dimensions });
  await createCube(deps.engine, from, allocation.shared, dimensions);
  return versions;
}

/** What is billed, and what only says how it is split. */
async function chooseVersions(
  lake: Lake,
  query: CostsQuery,
): Promise<{ versions: CommittedVersion[]; clusters: MeasuredCluster[] }> {
  const rules = query.clusters ?? [];
  const measures = (source: string) => rules.some((rule) => rule.source === source);
  const heads = await listHeads(lake);
  const versions = versionsOf(heads, query).filter(({ source }) => !measures(source));
  const clusters: MeasuredCluster[] = [];
  for (const rule of rules) {
    const shares = versionsOf(heads, { asOf: query.asOf, sources: [rule.source] });
    const keys = shares.flatMap(({ parts }) => parts).map(({ key }) => key);
    const files = await inParallel(keys, READERS, (key) => lake.getFile(key));
    if (files.length > 0) clusters.push({ ...rule, from: parquetOf(files) });
  }
  return { versions, clusters };
}

/**
 * Makes the relation `cost_rows`: every FOCUS row with `source`, `billing_period`, `version` and the allocation dimensions. Shared costs
 * are not spread here: a row is what the provider billed. `refused` where rows stay in place, unless `columns` says that no others are
 * needed and their daily groups keep these apart; then a row may be a group, of `x_Rows` rows.
 */
export async function openRows(
  deps: OpenCostsDeps,
  query: CostsQuery,
  columns?: readonly string[],
): Promise<CommittedVersion[]> {
  const { versions } = await chooseVersions(deps.lake, query);
  for (const version of versions) assertHere(version, columns);
  const files = await Promise.all(versions.flatMap(({ parts }) => parts).map(({ key }) => deps.lake.getFile(key)));
  const from =
    files.length === 0
      ? EMPTY_FOCUS_ROWS_SQL
      : parquetOf(files, ", union_by_name = true, hive_partitioning = true, hive_types_autocast = false");
  await createAllocatedRows(deps.engine, "cost_rows", from, query.allocation);
  return versions;
}

function assertHere({ source, inPlace }: CommittedVersion, columns: readonly string[] | undefined): void {
  if (inPlace === undefined) return;
  const unknown = columns?.filter((name) => !inPlace.columns.includes(name));
  if (unknown?.length === 0) return;
  const what = unknown === undefined ? "" : `; here are only daily sums, which do not keep ${unknown.join(", ")} apart`;
  throw new GenOpsError("refused", `the rows of ${source} stay in ${inPlace.at}${what}`, { place: { source } });
}

function emptyCube(scopeColumns: readonly string[]): string {
  const dimensions = [...CUBE_DIMENSIONS, ...scopeColumns].map((name) => {
    const type = name === "date" ? "DATE" : name === "metered" ? "BOOLEAN" : "VARCHAR";
    return `NULL::${type} AS ${sqlName(name)}`;
  });
  const measures = CUBE_MEASURES.map((name) => `NULL::${name === "rows" ? "BIGINT" : "DECIMAL(38,18)"} AS ${name}`);
  return `(SELECT ${[...dimensions, ...measures].join(", ")} WHERE false)`;
}
