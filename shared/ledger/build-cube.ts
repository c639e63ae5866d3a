import { createHash } from "node:crypto";
import path from "node:path";
import type { AllocationConfig } from "../config/types.ts";
import { GenOpsError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import { allocationJoin } from "../ingestion/allocation/allocation-sql.ts";
import { createDimensions } from "../ingestion/allocation/create-dimensions.ts";
import { focusColumnOfSnakeCase } from "../ingestion/focus/schema.ts";
import type { Lake } from "../ports/object-store.ts";
import { type SqlEngine, sqlName, sqlText } from "../ports/sql-engine.ts";
import { parquetOf, writeParquetFile } from "./collect/write-rows.ts";
import { CUBE_MEASURES } from "./cube.ts";
import { ACCOUNT_SQL, DIMENSION_SQL } from "./dimensions.ts";
import type { PeriodVersion } from "./versions.ts";

/** Raised when the same rows and configuration would give another cube. */
const CUBE_FORMAT = 1;

export interface CubeShape {
  allocation: AllocationConfig;
  /** Snake-case FOCUS columns beyond the fixed dimensions that budget scopes name (L8). */
  scopeColumns: readonly string[];
}

/** Names the cubes of one configuration, so that a changed allocation rule never reads an old cube. */
export function cubeFolder({ allocation: { labels, accounts, namespaces }, scopeColumns }: CubeShape): string {
  const text = canonicalJson({ format: CUBE_FORMAT, labels, accounts, namespaces, scopeColumns });
  return `cube/${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}

export function cubeKey(shape: CubeShape, version: Pick<PeriodVersion, "source" | "billingPeriod" | "id">): string {
  return `${cubeFolder(shape)}/source=${version.source}/billing_period=${version.billingPeriod}/version=${version.id}.parquet`;
}

/** Local path of a version's cube, built now if it does not exist yet. Two builders at once make the same file. */
export async function ensureCube(
  deps: { lake: Lake; engine: SqlEngine; workDir: string },
  shape: CubeShape,
  version: PeriodVersion,
): Promise<string> {
  return (await findCube(deps.lake, shape, version)) ?? buildCube(deps, shape, version);
}

/** Local path of a version's cube, if it exists. */
export async function findCube(lake: Lake, shape: CubeShape, version: PeriodVersion): Promise<string | undefined> {
  return lake.getFile(cubeKey(shape, version)).catch((error: unknown) => {
    if (error instanceof GenOpsError && error.code === "unavailable") return undefined;
    throw error;
  });
}

async function buildCube(
  deps: { lake: Lake; engine: SqlEngine; workDir: string },
  shape: CubeShape,
  version: PeriodVersion,
): Promise<string> {
  const key = cubeKey(shape, version);
  assertGrouped(version, shape.scopeColumns);
  const file = path.join(deps.workDir, `cube-${version.id}.parquet`);
  const parts = await Promise.all(version.parts.map((part) => deps.lake.getFile(part.key))).catch((error: unknown) => {
    throw error instanceof GenOpsError && error.code === "refused" ? notBuiltYet(version, error) : error;
  });
  // Parts that were converted apart may differ in the columns that only some of them were delivered with.
  await createAllocatedRows(deps.engine, "cube_rows", parquetOf(parts, ", union_by_name = true"), shape.allocation);
  await writeParquetFile(deps.engine, cubeSelect("cube_rows", version, shape.scopeColumns), file);
  await deps.lake.putFile(key, file);
  return deps.lake.getFile(key);
}

/** Of rows that stay in place only the groups are here: what they do not keep apart cannot be told apart. */
function assertGrouped({ source, billingPeriod, inPlace }: PeriodVersion, columns: readonly string[]): void {
  if (inPlace === undefined) return;
  const named = columns.filter((name) => !name.startsWith(TAG));
  const unknown = named.filter((name) => !inPlace.columns.includes(focusColumnOfSnakeCase(name)?.name ?? ""));
  if (unknown.length === 0) return;
  throw new GenOpsError(
    "unavailable",
    `the daily groups of ${billingPeriod} that were read in place do not keep ${unknown.join(", ")} apart; collect the source again`,
    { place: { source } },
  );
}

/** L10: who has the rows builds the cube. */
function notBuiltYet({ source, billingPeriod }: PeriodVersion, cause: GenOpsError): GenOpsError {
  const message = `the cube of ${billingPeriod} is not built yet for the present configuration: ${cause.message}; the next collect where they are builds it`;
  return new GenOpsError("unavailable", message, { place: { source }, cause });
}

/**
 * Creates the view `name`: the FOCUS rows of a relation with `account`, `team`, `project`, `environment`, `cost_center`. Tags are looked
 * into once per distinct set, not once per row.
 */
export async function createAllocatedRows(
  engine: SqlEngine,
  name: string,
  rows: string,
  allocation: AllocationConfig,
): Promise<void> {
  await engine.run(
    `DROP TABLE IF EXISTS ${name}_dims; CREATE OR REPLACE TEMP VIEW ${name}_keyed AS SELECT *, ${ACCOUNT_SQL} AS account FROM ${rows}`,
  );
  await createDimensions(engine, allocation, { relation: `${name}_keyed`, table: `${name}_dims` });
  await engine.run(
    `CREATE OR REPLACE TEMP VIEW ${name} AS SELECT r.*, d.team, d.project, d.environment, d.cost_center
     FROM ${name}_keyed r LEFT JOIN ${name}_dims d ON ${allocationJoin("r", "d")}`,
  );
}

function cubeSelect(relation: string, version: PeriodVersion, scopeColumns: readonly string[]): string {
  const dimensions = [
    `${DIMENSION_SQL["date"]} AS date`,
    `${sqlText(version.billingPeriod)} AS billing_period`,
    `${sqlText(version.source)} AS source`,
    `${DIMENSION_SQL["provider"]} AS provider`,
    "account",
    "ServiceName AS service",
    "RegionId AS region",
    "ChargeCategory AS charge_category",
    `${DIMENSION_SQL["currency"]} AS currency`,
    "team, project, environment, cost_center",
    `${DIMENSION_SQL["metered"]} AS metered`,
    ...scopeColumns.map((name) => `${scopeColumnSql(name)} AS ${sqlName(name)}`),
  ];
  const costs = {
    billed: "BilledCost",
    effective: "EffectiveCost",
    list: "ListCost",
    contracted: "ContractedCost",
    rows: "",
  };
  const counted = version.inPlace === undefined ? "count(*)" : "sum(x_Rows::BIGINT)::BIGINT";
  const measures = CUBE_MEASURES.map((name) =>
    name === "rows" ? `${counted} AS rows` : `sum(${costs[name]}) AS ${name}`,
  );
  return `SELECT ${[...dimensions, ...measures].join(", ")} FROM ${relation} GROUP BY ALL`;
}

/** `tag:eks:cluster-name` is one tag of the row. */
const TAG = "tag:";

function jsonPointer(key: string): string {
  return `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** SQL of a snake_case FOCUS column, or of one tag, as text. An unknown one is a configuration error. */
export function scopeColumnSql(name: string): string {
  if (name.startsWith(TAG)) {
    const path = sqlText(jsonPointer(name.slice(TAG.length)));
    // TRY(…) would do, but the engine's optimiser fails on it below GROUP BY (1.5.5).
    return `CASE WHEN json_valid(Tags) THEN json_extract_string(Tags, ${path}) END`;
  }
  const column = focusColumnOfSnakeCase(name);
  if (column === undefined) {
    throw new GenOpsError(
      "config",
      `unknown dimension "${name}"; use a snake_case FOCUS column such as service_name, or team, provider, …`,
    );
  }
  return `${column.name}::VARCHAR`;
}
