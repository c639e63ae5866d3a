import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Budget, BudgetAlert, BudgetPeriod } from "../../shared/config/types.ts";
import { fromInteger } from "../../shared/core/decimal.ts";
import type { Scope } from "../../shared/core/finding.ts";
import { dayOf } from "../../shared/core/period.ts";
import { NO_RATES } from "../../shared/core/rates.ts";
import { evaluateBudgets } from "../../shared/governance/budgets/evaluate-budgets.ts";
import { createConvert } from "../../shared/governance/convert.ts";
import { createDuckDbEngine } from "../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { unsettledSql } from "../../shared/ledger/settledness.ts";
import type { SqlEngine } from "../../shared/ports/sql-engine.ts";

const ROWS = 1_000_000;
const BUDGETS = 1_000;
const REPETITIONS = 5;
const FIRST_DAY = "2026-05-01";
const SETTLED_AFTER_DAYS = { default: 3, azure: 5 };

/** A table of the engine's own, or Parquet as the ledger keeps the cube: a file per source and billing period. */
type Storage = "table" | "parquet";

/** Medians in milliseconds. */
export interface EvaluateBench {
  storage: Storage;
  days: number;
  evaluate: number;
  /** One month-to-date query as `genops report --by team` asks it. */
  report: number;
  /** The least that a month-to-date query can be: one sum by day. */
  barest: number;
}

/** Prints times and ratios for a quarter and a year of days, in both storages. */
export async function printEvaluateBench(print: (line: string) => void): Promise<void> {
  print(`${BUDGETS} budgets over ${ROWS} cube rows against one month-to-date query (aim: 15 × or less)`);
  for (const storage of ["parquet", "table"] as const) {
    for (const days of [92, 365]) {
      const { evaluate, report, barest } = await benchEvaluate(storage, days);
      const against = (name: string, ms: number) => `${name} ${ms.toFixed(1)} ms (${(evaluate / ms).toFixed(1)} ×)`;
      const times = `all budgets ${evaluate.toFixed(1)} ms, ${against("report", report)}, ${against("barest sum", barest)}`;
      print(`  ${storage.padEnd(7)} ${days} days: ${times}`);
    }
  }
}

/** 1,000 mixed budgets over a daily cube of a million rows. Measured in turn, so that a busy moment falls on all three. */
export async function benchEvaluate(storage: Storage = "parquet", days = 92): Promise<EvaluateBench> {
  const folder = await mkdtemp(join(tmpdir(), "genops-bench-"));
  const engine = await createDuckDbEngine({ tempDir: join(folder, "spill") });
  try {
    await engine.run(cubeSql(days));
    if (storage === "parquet") await moveToParquet(engine, join(folder, "cube"));
    const now = new Date(Date.parse(`${FIRST_DAY}T12:00:00Z`) + (days - 1) * 86_400_000);
    const times = { evaluate: [] as number[], report: [] as number[], barest: [] as number[] };
    for (let repetition = 0; repetition <= REPETITIONS; repetition++) {
      const barest = await timed(() => engine.query(barestSql(now)));
      const report = await timed(() => engine.query(reportSql(now)));
      const evaluate = await timed(() => evaluateMixed(engine, now));
      if (repetition === 0) continue; // warms up all three
      times.barest.push(barest);
      times.report.push(report);
      times.evaluate.push(evaluate);
    }
    return {
      storage,
      days,
      evaluate: median(times.evaluate),
      report: median(times.report),
      barest: median(times.barest),
    };
  } finally {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Month to date by team, in the words of `genops report`: amount, its settled part and the rows behind it. */
function reportSql(now: Date): string {
  const settled = `sum(effective) FILTER (NOT ${unsettledSql(SETTLED_AFTER_DAYS, dayOf(now))})`;
  return `SELECT team, currency, sum(effective) AS amount, ${settled} AS settled, sum(rows)::BIGINT AS rows
    FROM cube WHERE billing_period = '${now.toISOString().slice(0, 7)}' GROUP BY ALL`;
}

/** Month to date by day and nothing else. */
function barestSql(now: Date): string {
  return `SELECT date, currency, sum(effective) AS amount FROM cube WHERE billing_period = '${now.toISOString().slice(0, 7)}' GROUP BY ALL`;
}

async function moveToParquet(engine: SqlEngine, folder: string): Promise<void> {
  const options =
    "FORMAT parquet, COMPRESSION zstd, PARTITION_BY (source, billing_period), WRITE_PARTITION_COLUMNS true";
  await engine.run(`COPY cube TO '${folder}' (${options})`);
  await engine.run("DROP TABLE cube");
  await engine.run(
    `CREATE VIEW cube AS SELECT * FROM read_parquet('${folder}/**/*.parquet', hive_partitioning = false)`,
  );
}

const convert = createConvert(NO_RATES);
const budgets = Array.from({ length: BUDGETS }, (_, index) => mixedBudget(index));

async function evaluateMixed(engine: SqlEngine, now: Date): Promise<void> {
  const input = { budgets, cubeRelation: "cube", settledAfterDays: SETTLED_AFTER_DAYS, convert };
  const statuses = await evaluateBudgets({ engine, clock: { evaluationNow: () => now } }, input);
  if (statuses.length !== BUDGETS || statuses.every((status) => status.actual === 0n))
    throw new Error("the bench evaluates nothing");
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** A company of 50 teams on three clouds: accounts and projects belong to teams, as they do in real cubes. */
function cubeSql(days: number): string {
  return `CREATE TABLE cube AS SELECT
    d.date, strftime(d.date, '%Y-%m') AS billing_period, ['aws-bill', 'azure-bill', 'gcp-bill'][1 + (i // 50) % 3] AS source,
    ['aws', 'azure', 'gcp'][1 + (i // 50) % 3] AS provider, 'account-' || team || '-' || (i // 50) % 6 AS account,
    'Service number ' || (i // 200) % 24 AS service, 'region-' || (team + i // 400) % 11 AS region,
    CASE WHEN i % 23 = 0 THEN 'Credit' ELSE 'Usage' END AS charge_category, 'USD' AS currency, 'team-' || team AS team,
    'project-' || team || '-' || (i // 50) % 4 AS project, ['prod', 'dev'][1 + (i // 150) % 2] AS environment,
    'cc-' || team % 17 AS cost_center, false AS metered,
    (hash(i, d.k) % 100000)::DECIMAL(38,18) AS billed, (hash(i, d.k) % 90000)::DECIMAL(38,18) AS effective,
    (hash(i, d.k) % 120000)::DECIMAL(38,18) AS list, (hash(i, d.k) % 110000)::DECIMAL(38,18) AS contracted, 3::BIGINT AS rows
  FROM (SELECT n % ${days} AS k, n // ${days} AS i, (n // ${days}) % 50 AS team FROM (SELECT range AS n FROM range(${ROWS})))
  JOIN (SELECT range AS k, DATE '${FIRST_DAY}' + range::INTEGER AS date FROM range(${days})) d USING (k) ORDER BY d.date`;
}

function mixedBudget(index: number): Budget {
  return {
    name: `budget-${index}`,
    scope: mixedScope(index),
    period: mixedPeriod(index),
    limit: fromInteger(1_000_000 + index * 1000),
    currency: "USD",
    cost: index % 10 === 0 ? "billed" : "effective",
    includeCategories: [],
    excludeCategories: index % 25 === 0 ? ["Credit"] : [],
    alerts: [alert(80, "notify"), alert(95, "throttle"), alert(100, "block")],
  };
}

/** Mostly teams and projects, as people set budgets, and every other common dimension. */
function mixedScope(index: number): Scope {
  const team = index % 50;
  switch (index % 10) {
    case 0:
      return index % 100 === 0 ? {} : { provider: [["aws", "azure", "gcp"][index % 3] ?? "aws"] };
    case 1:
    case 2:
    case 3:
      return { team: [`team-${team}`] };
    case 4:
    case 5:
      return { project: [`project-${team}-${index % 4}`] };
    case 6:
      return { team: [`team-${team}`, `team-${(team + 1) % 50}`], environment: ["prod"] };
    case 7:
      return { account: [`account-${team}-${index % 6}`] };
    case 8:
      return { provider: ["aws", "gcp"], service: [`Service number ${index % 24}`] };
    default:
      return { team: [`team-${team}`], provider: ["azure"] };
  }
}

/** Months mostly; quarters and years where companies have them: for all, for a cloud, for a team. */
function mixedPeriod(index: number): BudgetPeriod {
  const turn = Math.floor(index / 10) % 10;
  const isBroad = index % 10 === 0 || index % 10 === 1 || index % 10 === 9;
  if (isBroad && turn < 3) return { every: turn === 0 ? "year" : "quarter" };
  if (turn === 8) return { every: "week" };
  return { every: turn === 9 ? "day" : "month" };
}

function alert(threshold: number, action: BudgetAlert["action"]): BudgetAlert {
  return { threshold: fromInteger(threshold), basis: "actual", action, recipients: [] };
}
