import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { BenchMetrics } from "../../../../bench/anomalies/cost-bench/lib/metrics.mjs";
import { csvOf, labelsOf } from "../../../../bench/anomalies/cost-data.ts";
import { scoreLines } from "../../../../bench/anomalies/score-lines.ts";
import { createFolders } from "../../../../support/collect-deps.ts";
import { genops } from "../../../functions/local/cli-support.ts";

/**
 * A detector that got worse fails here. Few series, so the floors are far below what `npm run bench -- anomalies` measures on many; the
 * command runs in a process of its own, as users run it.
 */
const folders = createFolders();

async function measured(falseAlerts: string): Promise<BenchMetrics> {
  const file = join(await folders.make(), "obs.csv");
  const labels = labelsOf([17], 32);
  await writeFile(file, csvOf([17], 32));
  const words = ["anomalies", "backtest", "--observations", file, "--false-alerts-per-90d", falseAlerts];
  const { code, stdout, stderr } = await genops(".", words);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return scoreLines(labels, stdout.split("\n").slice(0, -1));
}

describe("the detector behind genops anomalies backtest", () => {
  it("finds what people would want to know, at the price that they set", async () => {
    const [often, seldom] = await Promise.all([measured("1"), measured("0.1")]);
    expect(often.events).toBeGreaterThan(50);
    expect(often.alerts_with_expected_range).toBe(1);
    expect(often.recall).toBeGreaterThan(0.85);
    expect(often.false_alerts_per_90d).toBeLessThan(1.2);
    expect(often.excess_saved).toBeGreaterThan(0.8);
    expect(seldom.recall).toBeGreaterThan(0.6);
    expect(seldom.false_alerts_per_90d).toBeLessThan(0.25);
  });
});
