import { ALLOCATION_DIMENSIONS, type SharedCostRule } from "../config/types.ts";
import { formatDecimal, fromInteger, parseDecimal, SCALE, ZERO } from "../core/decimal.ts";
import type { Scope } from "../core/finding.ts";
import { type CubeRow, splitShared } from "../ingestion/allocation/split-shared.ts";
import { type SqlEngine, type SqlRow, sqlName, sqlText } from "../ports/sql-engine.ts";
import { CUBE_MEASURES } from "./cube.ts";

/** Rows per INSERT. */
const BATCH = 500;
/** Marks sums that only say how much others spent. */
const OTHERS = "others";

/**
 * Creates the view `cube` over the cube files, with shared costs spread (`docs/configuration.md`, `allocation.shared`). Only rows that a
 * rule may match pass through TypeScript, where the one exact split lives; of the rest it needs the sums that shares follow.
 */
export async function createCube(
  engine: SqlEngine,
  from: string,
  rules: readonly SharedCostRule[],
  dimensions: readonly string[],
): Promise<void> {
  if (rules.length === 0) {
    await engine.run(`CREATE OR REPLACE TEMP VIEW cube AS SELECT * FROM ${from}`);
    return;
  }
  const matched = rules.map(({ match }) => `(${matchSql(match)})`).join(" OR ");
  const candidates = await engine.query(`SELECT ${columnList(dimensions)} FROM ${from} WHERE ${matched}`);
  const others = await engine.query(
    `SELECT billing_period, currency, ${ALLOCATION_DIMENSIONS.join(", ")}, sum(effective) AS effective FROM ${from} WHERE NOT (${matched}) GROUP BY ALL`,
  );
  const split = splitShared(
    [
      ...candidates.map((row) => cubeRow(row, dimensions)),
      ...others.map((row) =>
        cubeRow({ ...row, [OTHERS]: "yes" }, ["billing_period", "currency", OTHERS, ...ALLOCATION_DIMENSIONS]),
      ),
    ],
    rules,
  ).filter(({ dims }) => dims[OTHERS] === undefined);
  await engine.run(
    `CREATE OR REPLACE TEMP TABLE cube_shared AS SELECT ${columnList(dimensions)} FROM ${from} WHERE false`,
  );
  await insertRows(engine, "cube_shared", split, dimensions);
  await engine.run(
    `CREATE OR REPLACE TEMP VIEW cube AS SELECT ${columnList(dimensions)} FROM ${from} WHERE NOT (${matched})
     UNION ALL SELECT * FROM cube_shared`,
  );
}

export async function insertRows(
  engine: SqlEngine,
  table: string,
  rows: readonly CubeRow[],
  dimensions: readonly string[],
): Promise<void> {
  for (let start = 0; start < rows.length; start += BATCH) {
    const values = rows.slice(start, start + BATCH).map((row) => valuesOf(row, dimensions));
    await engine.run(`INSERT INTO ${table} VALUES ${values.join(", ")}`);
  }
}

export function columnList(dimensions: readonly string[]): string {
  return [...dimensions.map(sqlName), ...CUBE_MEASURES].join(", ");
}

/** Never NULL: a row without the dimension does not match. */
export function matchSql(match: Scope): string {
  const terms = Object.entries(match).map(
    ([name, values]) => `coalesce(${sqlName(name)}::VARCHAR IN (${values.map(sqlText).join(", ")}), false)`,
  );
  return terms.length === 0 ? "true" : terms.join(" AND ");
}

export function cubeRow(row: SqlRow, dimensions: readonly string[]): CubeRow {
  const measures = CUBE_MEASURES.map((name) => {
    const value = row[name];
    if (value === undefined || value === null) return [name, ZERO] as const;
    return [name, name === "rows" ? fromInteger(BigInt(String(value))) : parseDecimal(String(value))] as const;
  });
  return {
    dims: Object.fromEntries(dimensions.map((name) => [name, row[name] == null ? null : String(row[name])])),
    measures: Object.fromEntries(measures),
  };
}

function valuesOf({ dims, measures }: CubeRow, dimensions: readonly string[]): string {
  const texts = dimensions.map((name) => (dims[name] == null ? "NULL" : sqlText(dims[name])));
  const numbers = CUBE_MEASURES.map((name) => {
    const value = measures[name] ?? ZERO;
    return name === "rows" ? String(value / 10n ** BigInt(SCALE)) : `${sqlText(formatDecimal(value))}::DECIMAL(38,18)`;
  });
  return `(${[...texts, ...numbers].join(", ")})`;
}
