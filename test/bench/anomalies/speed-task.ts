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
  /** Processor time of that, over all threads. */
  cpuMs: number;
  judgeMs: number;
  peakMb: number;
}

export type SpeedTask = "daily" | "hourly";

const SENSITIVITY: Sensitivity = { falseAlertsPer90Days: 1, floor: 0, planned: [], newLevels: [], caution: 1 };
/** Days judged at one evaluation: those that a new delivery may change. */
const JUDGED_DAYS = 3;
const BATCHES = 4;
const LATE = [
  { share: 0.86, spread: 0.05 },
  { share: 0.98, spread: 0.01 },
];

async function measure(task: SpeedTask, folder: string): Promise<SpeedResult> {
  const engine = await createDuckDbEngine({ tempDir: join(folder, `engine-${process.pid}`), threads: 2 });
  const result: SpeedResult = { series: 0, alerts: 0, ms: 0, cpuMs: 0, judgeMs: 0, peakMb: 0 };
  try {
    const before = process.cpuUsage();
    const began = performance.now();
    for await (const batch of task === "daily" ? readDaily(engine, folder) : readHourly(engine, folder)) {
      const read = performance.now();
      for (const known of batch) result.alerts += alertsOf(known);
      result.series += batch.length;
      result.judgeMs += performance.now() - read;
    }
    result.ms = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    result.cpuMs = (user + system) / 1000;
    result.peakMb = process.resourceUsage().maxRSS / 1024;
    return result;
  } finally {
    await engine.close();
  }
}

function alertsOf(known: KnownSeries): number {
  const judged = createWatch(SENSITIVITY).look(known, known.costs.length - judgedPeriods(known));
  return judged.filter(({ alert }) => alert !== undefined).length;
}

const judgedPeriods = ({ step }: KnownSeries) => (JUDGED_DAYS * DAY_MS) / step;

/** All levels over all leaves, as the product reads them. */
async function* readDaily(engine: SqlEngine, folder: string): AsyncGenerator<KnownSeries[]> {
  await engine.run(`CREATE VIEW cube AS SELECT * FROM read_parquet('${join(folder, CUBE)}')`);
  const by = ["provider", "account", "service"];
  const table = await readLeaves(engine, { cubeRelation: "cube", by, start: FIRST_DAY, end: LAST_DAY });
  const start = Date.parse(FIRST_DAY);
  yield seriesNodes(table).map(({ costs }) => ({ start, step: DAY_MS, costs, completeness: LATE }));
}

/** In batches: all hours at once would fill the memory. */
async function* readHourly(engine: SqlEngine, folder: string): AsyncGenerator<KnownSeries[]> {
  const start = Date.parse(FIRST_DAY);
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const rows = await engine.queryLists(`SELECT series, list(hour::DOUBLE) AS hours, list(cost::DOUBLE) AS costs
      FROM read_parquet('${join(folder, HOURLY)}') WHERE hash(series) % ${BATCHES} = ${batch} GROUP BY series`);
    yield rows.map(({ lists: [hours = new Float64Array(), amounts = new Float64Array()] }) => {
      const costs = new Float64Array(HOURS).fill(Number.NaN);
      for (let index = 0; index < hours.length; index += 1) costs[hours[index] ?? 0] = amounts[index] ?? 0;
      return { start, step: 3_600_000, costs, completeness: [] };
    });
  }
}

const [task, folder] = process.argv.slice(2);
if ((task !== "daily" && task !== "hourly") || folder === undefined || DAYS < 1) {
  throw new Error("usage: speed-task.ts daily|hourly FOLDER");
}
process.stdout.write(JSON.stringify(await measure(task, folder)));
