import type { Observations } from "../../../shared/governance/anomalies/backtest/observations.ts";
import { readObservations } from "../../../shared/governance/anomalies/backtest/read-observations.ts";
import { type BenchLabel, createSeries } from "./cost-bench/lib/series.mjs";
import { SETTINGS, VERSION } from "./cost-bench/lib/settings.mjs";

export interface CostLabels {
  generator: { version: string; seed: number; series: number; days: number; warmup_days: number };
  series: BenchLabel[];
}

export interface CostData {
  observations: Observations;
  labels: CostLabels;
}

/** What `generate.mjs` writes for these seeds, `count` series each, read as the command reads it. Names begin with the seed. */
export async function generateCostData(seeds: readonly number[], count: number): Promise<CostData> {
  const observations = await readObservations(csvOf(seeds, count), `seeds ${seeds.join(", ")}`);
  return { observations, labels: labelsOf(seeds, count) };
}

/** The bytes of the file, series by series. */
export async function* csvOf(seeds: readonly number[], count: number): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode("series,charge_time,observed_at,cost\n");
  for (const { name, made } of createAll(seeds, count)) {
    const lines = made.observations.map((row) => `${name},${row.charge_time},${row.observed_at},${row.cost}`);
    yield encoder.encode(`${lines.join("\n")}\n`);
  }
}

/** What is wrong in those series, and where. */
export function labelsOf(seeds: readonly number[], count: number): CostLabels {
  const series = Array.from(createAll(seeds, count), ({ name, made }) => ({ ...made.label, series: name }));
  const { days, warmupDays } = SETTINGS;
  const generator = { version: VERSION, seed: seeds[0] ?? 0, series: series.length, days, warmup_days: warmupDays };
  return { generator, series };
}

function* createAll(seeds: readonly number[], count: number) {
  for (const seed of seeds) {
    for (let index = 0; index < count; index += 1) {
      const made = createSeries(seed, index, SETTINGS);
      yield { name: `${seed}-${made.label.series}`, made };
    }
  }
}
