import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { addDays, type Day } from "../../../../shared/core/period.ts";
import {
  type ExcessQuestion,
  type ExplainedExcess,
  explainExcess,
} from "../../../../shared/governance/anomalies/attribution/explain-excess.ts";
import type { LeafTable } from "../../../../shared/governance/anomalies/series/types.ts";
import { createDuckDbEngine } from "../../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { type SqlEngine, sqlText } from "../../../../shared/ports/sql-engine.ts";
import type { Case } from "./inject.ts";

const START: Day = "2026-03-02";
/** Four weeks, and the day of the event. */
const DAYS = 29;
const COLUMNS = ["account", "service", "region", "team", "environment", "project"];
const ROWS_PER_INSERT = 2_000;

export interface ThroughCube {
  explained: ExplainedExcess[];
  /** Of the processor, for all alerts together, reading included. */
  milliseconds: number;
  rows: number;
}

/**
 * The cases as the product meets them: every row of a bill has 28 days of noisy history with weekends in a daily cube, the event is on the
 * last day, and what is expected has to be found out. Each case is a currency of its own; one call explains all of them.
 */
export async function explainThroughCube(cases: readonly Case[]): Promise<ThroughCube> {
  const folder = await mkdtemp(join(tmpdir(), "genops-bench-"));
  const engine = await createDuckDbEngine({ tempDir: folder });
  try {
    await fillCube(engine, cases);
    const questions = await questionsOf(engine, cases);
    const costs = new Float64Array(DAYS);
    const leaves = cases.map((_case, i) => ({ provider: "cloud", currency: nameOf(i), values: [], costs }));
    const table: LeafTable = { by: [], start: START, days: DAYS, leaves };
    const input = { cubeRelation: "cube", table, completenessOf: () => [] };
    await explainExcess(engine, input, questions.slice(0, 1));
    const started = process.cpuUsage();
    const explained = await explainExcess(engine, input, questions);
    const { user, system } = process.cpuUsage(started);
    const milliseconds = (user + system) / 1_000;
    const [count] = await engine.query("SELECT count(*) AS n FROM cube");
    return { explained, milliseconds, rows: Number(count?.["n"]) };
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function nameOf(index: number): string {
  return `case-${index}`;
}

async function fillCube(engine: SqlEngine, cases: readonly Case[]): Promise<void> {
  const texts = COLUMNS.map((name) => `${name} VARCHAR`).join(", ");
  await engine.run(
    `CREATE TABLE usual (id BIGINT, currency VARCHAR, ${texts}, cost DOUBLE, noise DOUBLE, factor DOUBLE, is_new BOOLEAN)`,
  );
  const rows = cases.flatMap((one, i) => usualRows(one, i)).map((values, id) => `(${id}, ${values})`);
  for (let at = 0; at < rows.length; at += ROWS_PER_INSERT)
    await engine.run(`INSERT INTO usual VALUES ${rows.slice(at, at + ROWS_PER_INSERT).join(", ")}`);
  await engine.run(`CREATE TABLE cube AS
WITH days AS (SELECT unnest(range(${DAYS})) AS day),
draws AS (SELECT *, ${normalSql("hash(id, day)", "hash(day, id)")} AS draw FROM usual, days WHERE day = ${DAYS - 1} OR NOT is_new)
SELECT DATE ${sqlText(START)} + day::INTEGER AS date, '2026-03' AS billing_period, 'bench' AS source, 'cloud' AS provider, 'Usage' AS charge_category,
  currency, ${COLUMNS.join(", ")}, 'unallocated' AS cost_center, false AS metered,
  (cost * exp(noise * draw) * CASE WHEN day % 7 >= 5 THEN 0.8 ELSE 1 END * CASE WHEN day = ${DAYS - 1} THEN factor ELSE 1 END)::DECIMAL(38,18) AS effective
FROM draws`);
}

/** A standard normal from two hashes (Box-Muller). */
function normalSql(one: string, other: string): string {
  const uniform = (hash: string) => `((${hash} % 1000003) + 0.5) / 1000003`;
  return `sqrt(-2 * ln(${uniform(one)})) * cos(2 * pi() * ${uniform(other)})`;
}

function usualRows({ bill, factors, noise, truth, isNew }: Case, index: number): string[] {
  return bill.rows.map(({ values, cost }, row) => {
    const texts = COLUMNS.map((name) => sqlText(values[bill.dimensions.indexOf(name)] ?? ""));
    const numbers = [cost, noise[row] ?? 0, factors[row] ?? 1];
    return [sqlText(nameOf(index)), ...texts, ...numbers, String(isNew && truth.has(row))].join(", ");
  });
}

/** What a watch of the whole would say: off the mean of the same weekdays. */
async function questionsOf(engine: SqlEngine, cases: readonly Case[]): Promise<ExcessQuestion[]> {
  const end = addDays(START, DAYS);
  const start = addDays(end, -1);
  const rows = await engine.query(`SELECT currency,
  (sum(effective) FILTER (date = DATE ${sqlText(start)}))::DOUBLE - (sum(effective) FILTER (date < DATE ${sqlText(start)}))::DOUBLE / 4 AS excess
FROM cube WHERE isodow(date) = isodow(DATE ${sqlText(start)}) GROUP BY currency`);
  const excess = new Map(rows.map((row) => [String(row["currency"]), Number(row["excess"])]));
  return cases.map((_case, i) => {
    const value = excess.get(nameOf(i)) ?? 0;
    const alert = { direction: value < 0 ? ("down" as const) : ("up" as const), impact: Math.abs(value) };
    return { currency: nameOf(i), keys: {}, days: { start, end }, alert };
  });
}
