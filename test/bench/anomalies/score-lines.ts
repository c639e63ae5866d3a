import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BenchMetrics, measure } from "./cost-bench/lib/metrics.mjs";
import { readAlerts } from "./cost-bench/lib/read-alerts.mjs";
import type { CostLabels } from "./cost-data.ts";

/** Scores the lines of a back-test as `score.mjs` does: through a file, so that lines which it refuses are refused here too. */
export async function scoreLines(labels: CostLabels, lines: Iterable<string>): Promise<BenchMetrics> {
  const folder = await mkdtemp(join(tmpdir(), "genops-score-"));
  try {
    const file = join(folder, "alerts.jsonl");
    await writeFile(file, [...lines].map((line) => `${line}\n`).join(""));
    return measure(labels, await readAlerts(file, new Set(labels.series.map(({ series }) => series))));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
