import { join } from "node:path";
import { createWatch } from "../../../shared/governance/anomalies/detector/detect.ts";
import { readLeaves } from "../../../shared/governance/anomalies/series/read-leaves.ts";
import { seriesNodes } from "../../../shared/governance/anomalies/series/series-nodes.ts";
import { DAY_MS, type KnownSeries, type Sensitivity } from "../../../shared/governance/anomalies/types.ts";
import { createDuckDbEngine } from "../../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import type { SqlEngine } from "../../../shared/ports/sql-engine.ts";
import { CUBE, DAYS, FIRST_DAY, HOURLY, HOURS, LAST_DAY } from "./speed-data.ts";

/** One evaluation in a process of its own, so that its peak memory is its own. Arguments: task, folder with the cubes. */
export interface SpeedResult {
  series: number;
  alerts: number;
  /** From the query to the last verdict. */
  ms: number;
  readMs: number;
  peakMb: number;
}

export type SpeedTask = "daily" | "hourly";

const SENSITIVITY: Sensitivity = { falseAlertsPer90Days: 1, floor: 0, planned: [], newLevels: [], caution: 1 };
/** Days judged at one evaluation: those that a new delivery may change. */
const JUDGED_DAYS = 3;
const LATE = [
  { share: 0.86, spread: 0.05 },
  { share: 0.98, spread: 0.01 },
];

async function measure(task: SpeedTask, folder: string): Promise<SpeedResult> {
  const engine = await createDuckDbEngine({ tempDir: join(folder, `engine-${process.pid}`), threads: 2 });
  try {
    const began = performance.now();
    const series = await (task === "daily" ? readDaily(engine, folder) : readHourly(engine, folder));
    const read = performance.now();
    let alerts = 0;
    for (const known of series) {
      const judged = createWatch(SENSITIVITY).look(known, known.costs.length - judgedPeriods(known));
      alerts += judged.filter(({ alert }) => alert !== undefined).length;
    }
    const ms = performance.now() - began;
    const peakMb = process.resourceUsage().maxRSS / 1024;
    return { series: series.length, alerts, ms, readMs: read - began, peakMb };
  } finally {
    await engine.close();
  }
}

const judgedPeriods = ({ step }: KnownSeries) => (JUDGED_DAYS * DAY_MS) / step;

/** All levels over all leaves, as the product reads them. */
async function readDaily(engine: SqlEngine, folder: string): Promise<KnownSeries[]> {
  await engine.run(`CREATE VIEW cube AS SELECT * FROM read_parquet('${join(folder, CUBE)}')`);
  const by = ["provider", "account", "service"];
  const table = await readLeaves(engine, { cubeRelation: "cube", by, start: FIRST_DAY, end: LAST_DAY });
  const start = Date.parse(FIRST_DAY);
  return seriesNodes(table).map(({ costs }) => ({ start, step: DAY_MS, costs, completeness: LATE }));
}

async function readHourly(engine: SqlEngine, folder: string): Promise<KnownSeries[]> {
  const rows = await engine.queryLists(
    `SELECT series, list(hour::DOUBLE) AS hours, list(cost::DOUBLE) AS costs FROM read_parquet('${join(folder, HOURLY)}') GROUP BY series ORDER BY series`,
  );
  const start = Date.parse(FIRST_DAY);
  return rows.map(({ lists: [hours = new Float64Array(), amounts = new Float64Array()] }) => {
    const costs = new Float64Array(HOURS).fill(Number.NaN);
    for (let index = 0; index < hours.length; index += 1) costs[hours[index] ?? 0] = amounts[index] ?? 0;
    return { start, step: 3_600_000, costs, completeness: [] };
  });
}

const [task, folder] = process.argv.slice(2);
if ((task !== "daily" && task !== "hourly") || folder === undefined || DAYS < 1) {
  throw new Error("usage: speed-task.ts daily|hourly FOLDER");
}
process.stdout.write(JSON.stringify(await measure(task, folder)));
