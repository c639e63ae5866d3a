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
  const series: BenchLabel[] = [];
  const observations = await readObservations(csvOf(seeds, count, series), `seeds ${seeds.join(", ")}`);
  const { days, warmupDays } = SETTINGS;
  const generator = { version: VERSION, seed: seeds[0] ?? 0, series: series.length, days, warmup_days: warmupDays };
  return { observations, labels: { generator, series } };
}

/** The bytes of the file, series by series; their labels go into `labels`. */
export async function* csvOf(
  seeds: readonly number[],
  count: number,
  labels: BenchLabel[] = [],
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  yield encoder.encode("series,charge_time,observed_at,cost\n");
  for (const seed of seeds) {
    for (let index = 0; index < count; index += 1) {
      const { observations, label } = createSeries(seed, index, SETTINGS);
      const series = `${seed}-${label.series}`;
      labels.push({ ...label, series });
      const lines = observations.map((row) => `${series},${row.charge_time},${row.observed_at},${row.cost}`);
      yield encoder.encode(`${lines.join("\n")}\n`);
    }
  }
}
