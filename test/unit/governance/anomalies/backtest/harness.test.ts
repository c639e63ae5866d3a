import { beforeAll, describe, expect, it } from "vitest";
import { backtest } from "../../../../../shared/governance/anomalies/backtest/backtest.ts";
import {
  type Alert,
  type CreateWatch,
  DAY_MS,
  type KnownSeries,
} from "../../../../../shared/governance/anomalies/types.ts";
import { type CostData, generateCostData } from "../../../../bench/anomalies/cost-data.ts";
import { scoreLines } from "../../../../bench/anomalies/score-lines.ts";

/** The harness by which detectors are measured, held against detectors that cheat. */
let data: CostData;
beforeAll(async () => {
  data = await generateCostData([7], 30);
});

const newest = ({ start, step, costs }: KnownSeries) => start + (costs.length - 1) * step;

function alertAt(at: number): Alert {
  const range = { score: 9, actual: 2, expected: 1, lower: 0.5, upper: 1.5, impact: 1 };
  return { at, since: at, ...range, direction: "up", channel: "point" };
}

/** A detector that alerts on the period which `choose` names, if any, at every look. */
const detectorOf =
  (choose: (known: KnownSeries, look: number) => number | undefined): CreateWatch =>
  () => {
    let looks = 0;
    return {
      look(known) {
        looks += 1;
        const at = choose(known, looks);
        return at === undefined ? [] : [{ at, score: 9, alert: alertAt(at) }];
      },
      standing: () => [],
      memory: () => ({ alerts: [] }),
    };
  };

const SETTINGS = { falseAlertsPer90Days: 1, step: "auto", floor: 0, scores: false } as const;
const scored = (detector: CreateWatch) => scoreLines(data.labels, backtest(data.observations, SETTINGS, detector));

/** A line per event, alerted on the first morning on which it can be seen. */
const perfectLines = (chargedDaysBefore: number) =>
  data.labels.series.flatMap(({ series, events }) =>
    events.map((event) => {
      const charge_time = new Date(Date.parse(event.start) - chargedDaysBefore * DAY_MS).toISOString();
      return JSON.stringify({ kind: "alert", series, alerted_at: event.first_visible, charge_time });
    }),
  );

describe("the harness", () => {
  it("counts every morning of a detector that is always on", async () => {
    const { recall, false_alerts_per_90d, false_alerts_per_90d_p95_series } = await scored(detectorOf(newest));
    expect(recall).toBe(1);
    expect(false_alerts_per_90d).toBeGreaterThanOrEqual(80);
    expect(false_alerts_per_90d_p95_series).toBeGreaterThanOrEqual(80);
  });

  it("gives nothing for never firing", async () => {
    expect(await scored(detectorOf(() => undefined))).toMatchObject({ recall: 0, false_alerts: 0, excess_saved: 0 });
  });

  it("does not let an always-on detector hide behind one alert for all its mornings", async () => {
    const { recall, alerts } = await scored(detectorOf((known, look) => (look === 100 ? newest(known) : undefined)));
    expect(alerts).toBe(data.labels.series.length);
    expect(recall).toBe(0);
  });

  it("counts each repeat of a chronic alert, also of one that pauses", async () => {
    const weekly = await scored(detectorOf((known, look) => (look % 7 === 0 ? newest(known) : undefined)));
    expect(weekly.false_alerts_per_90d).toBeGreaterThan(11);
  });

  it("refuses a run with an alert that precedes its data", async () => {
    const prophet = detectorOf((known, look) => (look === 150 ? newest(known) + DAY_MS : undefined));
    await expect(scored(prophet)).rejects.toThrow("alert precedes the data it is about");
  });

  it("takes no alert for a catch that points at a day before the event", async () => {
    const { events } = await scoreLines(data.labels, perfectLines(0));
    expect(events).toBeGreaterThan(30);
    expect((await scoreLines(data.labels, perfectLines(0))).recall).toBe(1);
    expect((await scoreLines(data.labels, perfectLines(1))).recall).toBe(0);
  });

  it("sees which alerts lack an expected range", async () => {
    expect((await scoreLines(data.labels, perfectLines(0))).alerts_with_expected_range).toBe(0);
    expect((await scored(detectorOf(newest))).alerts_with_expected_range).toBe(1);
  });
});
