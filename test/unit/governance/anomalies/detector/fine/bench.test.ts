import { describe, expect, it } from "vitest";
import { replaySeries } from "../../../../../bench/anomalies/fine/fine-bench.ts";
import { generateFineSeries, generateQuietSeries } from "../../../../../bench/anomalies/fine/generator.ts";
import {
  bestThreshold,
  eventsOf,
  falsePer90Days,
  PROFILES,
  pointsAt,
  type ScoredSeries,
} from "../../../../../bench/anomalies/fine/score.ts";

const [standard] = Object.values(PROFILES);
if (standard === undefined) throw new Error("no profile");
const series = generateFineSeries("design", 2, 11).filter(({ costs }) => costs.length < 6000);

function scored(scoreOf: (row: number, windows: (typeof series)[number]["windows"]) => number): ScoredSeries[] {
  return series.map((one) => {
    const scores = Float64Array.from(one.costs, (_cost, row) => scoreOf(row, one.windows));
    return { series: one, scores, alerts: [...scores.keys()].filter((row) => (scores[row] ?? 0) >= 1) };
  });
}

describe("bench of the fine detector", () => {
  it("makes the same series again, and others for another seed", () => {
    const [first] = generateFineSeries("kept", 1, 4);
    expect(generateFineSeries("kept", 1, 4)[0]).toEqual(first);
    expect(generateFineSeries("kept", 1, 5)[0]?.costs).not.toEqual(first?.costs);
    expect(generateQuietSeries("kept", 1, 4).every(({ windows }) => windows.length === 0)).toBe(true);
  });

  it("gives 0 to silence, 100 to the first row of every window, and less than silence to one that never stops", () => {
    const perfect = scored((row, windows) => (windows.some(({ from }) => from === row) ? 1 : 0));
    expect(
      pointsAt(
        scored(() => 0),
        standard,
        1,
      ),
    ).toBeCloseTo(0, 1);
    expect(bestThreshold(perfect, standard).points).toBeGreaterThan(99);
    expect(
      pointsAt(
        scored(() => 1),
        standard,
        1,
      ),
    ).toBeLessThan(-100);
    expect(
      bestThreshold(
        scored(() => 1),
        standard,
      ),
    ).toMatchObject({ points: 0 });
    expect(eventsOf(perfect)).toMatchObject({ precision: 1, recall: 1, f1: 1, falsePer90Days: 0 });
    expect(eventsOf(scored(() => 1)).precision).toBeLessThan(0.05);
  });

  it("finds the detector far better than silence, and quiet where nothing is wrong", () => {
    const judged = series.map((one) => replaySeries(one, 1));
    expect(bestThreshold(judged, standard).points).toBeGreaterThan(45);
    const quiet = generateQuietSeries("design", 2, 12).filter(({ costs }) => costs.length < 6000);
    expect(falsePer90Days(quiet.map((one) => replaySeries(one, 0.1)))).toBeLessThan(1);
  });
});
