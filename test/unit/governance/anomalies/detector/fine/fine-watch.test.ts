import { describe, expect, it } from "vitest";
import { createFineWatch } from "../../../../../../shared/governance/anomalies/detector/fine/fine-watch.ts";
import { thresholdFor } from "../../../../../../shared/governance/anomalies/detector/fine/thresholds.ts";
import { alertsOf, busyDays, HOUR, known, MINUTE, noise, replay, rowOf, START, sensitivity } from "./support.ts";

const FIVE = 5 * MINUTE;
const DAYS_14 = 14 * 288;
const STRICT = sensitivity({ falseAlertsPer90Days: 0.1 });

function withChange(
  costs: Float64Array,
  from: number,
  rows: number,
  to: (value: number, k: number) => number,
): Float64Array {
  const changed = costs.slice();
  for (let i = from; i < Math.min(changed.length, from + rows); i++) changed[i] = to(changed[i] ?? 0, i - from);
  return changed;
}

describe("what is told", () => {
  it("stays silent over ordinary days, and scores every row", () => {
    const judged = replay(busyDays(DAYS_14, FIVE), FIVE);
    expect(alertsOf(judged)).toEqual([]);
    expect(judged).toHaveLength(DAYS_14);
    expect(judged.every(({ score }) => score >= 0 && Number.isFinite(score))).toBe(true);
  });

  it("tells of a lone spike at once, with a range that it left", () => {
    const [alert, ...others] = alertsOf(
      replay(
        withChange(busyDays(DAYS_14, FIVE), 3000, 2, () => 900),
        FIVE,
      ),
    );
    expect(others).toEqual([]);
    expect(rowOf(alert ?? { at: 0 }, FIVE)).toBe(3000);
    expect(alert).toMatchObject({ actual: 900, direction: "up", channel: "point" });
    expect(alert?.expected).toBeLessThan(300);
    expect(alert?.lower).toBeLessThan(alert?.expected ?? 0);
    expect(alert?.upper).toBeLessThan(900);
    expect(alert?.impact).toBeGreaterThan(600);
  });

  it("tells of a level that moved within hours, down as well as up", () => {
    for (const [factor, direction] of [
      [2.5, "up"],
      [0.25, "down"],
    ] as const) {
      const [alert] = alertsOf(
        replay(
          withChange(busyDays(DAYS_14, FIVE), 3100, 900, (v) => v * factor),
          FIVE,
        ),
      );
      const row = rowOf(alert ?? { at: 0 }, FIVE);
      expect(row).toBeGreaterThanOrEqual(3100);
      expect(row).toBeLessThan(3100 + 36);
      expect(alert?.direction).toBe(direction);
      expect(alert?.since).toBeGreaterThanOrEqual(START + 3095 * FIVE);
    }
  });

  it("tells of a series that stands still, once", () => {
    const alerts = alertsOf(
      replay(
        withChange(busyDays(DAYS_14, FIVE), 2600, 1400, () => 100.5),
        FIVE,
      ),
    );
    expect(alerts.length).toBeGreaterThanOrEqual(1);
    expect(alerts.length).toBeLessThanOrEqual(2);
    expect(alerts[0]).toMatchObject({ channel: "drift", direction: "down" });
    expect(rowOf(alerts[0] ?? { at: 0 }, FIVE)).toBeLessThan(2600 + 288);
  });

  it("takes spikes that come every day for normal", () => {
    const draw = noise(3);
    const costs = busyDays(DAYS_14, FIVE).map((value, i) => (i % 288 === 100 ? value * (3 + draw()) : value));
    expect(alertsOf(replay(costs, FIVE)).filter((alert) => rowOf(alert, FIVE) > 1000)).toEqual([]);
  });

  it("tells of spending where there was none", () => {
    const costs = withChange(new Float64Array(20 * 24), 400, 30, (_value, k) => 5 + (k % 3));
    const [alert] = alertsOf(replay(costs, HOUR));
    expect(rowOf(alert ?? { at: 0 }, HOUR)).toBeGreaterThanOrEqual(400);
    expect(rowOf(alert ?? { at: 0 }, HOUR)).toBeLessThan(404);
    expect(alert).toMatchObject({ expected: 0, direction: "up" });
  });

  it("works on values that are negative, tiny, huge, whole or constant", () => {
    const spiked = withChange(busyDays(1440, 30 * MINUTE), 1200, 2, (v) => v * 8);
    for (const scale of [-1, 1e-4, 1e9]) {
      const [alert] = alertsOf(
        replay(
          spiked.map((v) => v * scale),
          30 * MINUTE,
        ),
      );
      expect(rowOf(alert ?? { at: 0 }, 30 * MINUTE)).toBe(1200);
      expect(alert?.direction).toBe(scale < 0 ? "down" : "up");
    }
    expect(alertsOf(replay(new Float64Array(2000).fill(3), MINUTE))).toEqual([]);
  });

  it("says nothing in the first day", () => {
    const costs = withChange(busyDays(48, HOUR), 12, 3, () => 1e6);
    expect(alertsOf(replay(costs.subarray(0, 24), HOUR))).toEqual([]);
  });
});

describe("range", () => {
  it("expects nothing below 0 of what never was below 0", () => {
    const draw = noise(11);
    const counts = Float64Array.from({ length: 30 * 24 }, (_none, i) =>
      i === 600 ? 400 : Math.max(0, Math.round(5 * draw())),
    );
    const [alert] = alertsOf(replay(counts, HOUR, STRICT));
    expect(alert).toMatchObject({ actual: 400, lower: 0 });
    const signed = counts.map((value, i) => (i % 5 === 0 ? -value : value));
    expect(alertsOf(replay(signed, HOUR)).find(({ actual }) => actual === -400)?.lower).toBeLessThan(0);
  });
});

describe("what people said", () => {
  const spiked = withChange(busyDays(DAYS_14, FIVE), 3000, 3, () => 900);

  it("does not judge or learn from what was planned", () => {
    const planned = [{ from: START + 2990 * FIVE, to: START + 3010 * FIVE }];
    expect(alertsOf(replay(spiked, FIVE, sensitivity({ planned })))).toEqual([]);
  });

  it("starts its range anew at a confirmed level", () => {
    const moved = withChange(busyDays(30 * 24, HOUR), 500, 999, (v) => v * 3);
    expect(alertsOf(replay(moved, HOUR)).length).toBeGreaterThan(0);
    expect(alertsOf(replay(moved, HOUR, sensitivity({ newLevels: [START + 500 * HOUR] })))).toEqual([]);
  });

  it("divides every score by the caution", () => {
    const plain = replay(spiked, FIVE);
    const careful = replay(spiked, FIVE, sensitivity({ caution: 2 }));
    expect(careful[3000]?.score).toBeCloseTo((plain[3000]?.score ?? 0) / 2, 10);
    expect(alertsOf(replay(spiked, FIVE, sensitivity({ caution: 50 })))).toEqual([]);
  });

  it("keeps what is below the floor to itself, but scores it", () => {
    const judged = replay(spiked, FIVE, sensitivity({ floor: 5000 }));
    expect(alertsOf(judged)).toEqual([]);
    expect(judged[3000]?.score).toBeGreaterThan(thresholdFor(1));
  });

  it("tells less when fewer false alerts are wanted", () => {
    const slight = withChange(busyDays(DAYS_14, FIVE), 3000, 4, (v) => v * 1.9);
    const scores = replay(slight, FIVE).map(({ score }) => score);
    const most = Math.max(...scores.slice(3000, 3010));
    for (const falseAlertsPer90Days of [1, 0.25, 0.1] as const) {
      const alerts = alertsOf(replay(slight, FIVE, sensitivity({ falseAlertsPer90Days })));
      expect(alerts.length > 0).toBe(most >= thresholdFor(falseAlertsPer90Days));
    }
  });
});

describe("what is known", () => {
  it("skips what is unknown and goes on after days without data", () => {
    const costs = withChange(busyDays(40 * 24, HOUR), 400, 60, () => Number.NaN);
    const judged = replay(costs, HOUR, STRICT);
    expect(judged).toHaveLength(40 * 24 - 60);
    expect(alertsOf(judged)).toEqual([]);
  });

  it("compares an incomplete hour with an incomplete range", () => {
    const completeness = [
      { share: 0.5, spread: 0.1 },
      { share: 0.9, spread: 0.03 },
    ];
    const watch = createFineWatch(STRICT);
    const final = busyDays(30 * 24, HOUR);
    const seen = (end: number): Float64Array => {
      const shown = final.slice(0, end);
      completeness.forEach(({ share }, age) => {
        if (end > age) shown[end - 1 - age] = (shown[end - 1 - age] ?? 0) * share;
      });
      return shown;
    };
    const judged = Array.from({ length: final.length }, (_none, i) =>
      watch.look(known(seen(i + 1), HOUR, completeness), Math.max(0, i - 2)),
    ).flat();
    expect(alertsOf(judged)).toEqual([]);

    const high = seen(final.length);
    high[high.length - 1] = 400;
    const [alert] = alertsOf(watch.look(known(high, HOUR, completeness), high.length - 1));
    expect(alert?.actual).toBe(400);
    expect(alert?.expected).toBeLessThan(80);
    expect(alert?.upper).toBeLessThan(400);
  });

  it("goes on when its oldest rows slide out of the window", () => {
    const costs = withChange(busyDays(60 * 24, HOUR), 1300, 3, (v) => v * 5);
    const watch = createFineWatch(STRICT);
    const judged = Array.from({ length: costs.length }, (_none, row) => {
      const from = Math.max(0, row + 1 - 35 * 24);
      return watch.look(
        { start: START + from * HOUR, step: HOUR, costs: costs.subarray(from, row + 1), completeness: [] },
        row - from,
      );
    }).flat();
    expect(alertsOf(judged).map((alert) => rowOf(alert, HOUR))).toEqual([1300]);
  });

  it("learns anew when rows far back change, or older ones appear", () => {
    const costs = busyDays(30 * 24, HOUR);
    const watch = createFineWatch(sensitivity());
    watch.look(known(costs.subarray(100), HOUR), 0);
    const earlier = { ...known(costs, HOUR), start: START - 100 * HOUR };
    expect(watch.look(earlier, costs.length - 1)).toEqual(
      createFineWatch(sensitivity()).look(earlier, costs.length - 1),
    );
    const changed = withChange(costs, 50, 24, (v) => v * 2);
    const other = { ...known(changed, HOUR), start: START - 100 * HOUR };
    expect(watch.look(other, 50)).toEqual(createFineWatch(sensitivity()).look(other, 50));
  });
});

describe("memory", () => {
  const spiked = withChange(busyDays(DAYS_14, FIVE), 3000, 3, () => 900);

  it("does not tell again what a former watch told, and lowers its score", () => {
    const first = createFineWatch(sensitivity());
    const told = alertsOf(first.look(known(spiked.subarray(0, 3010), FIVE), 2990));
    expect(told).toHaveLength(1);
    const second = createFineWatch(sensitivity(), first.memory());
    const again = second.look(known(spiked.subarray(0, 3010), FIVE), 2990);
    expect(alertsOf(again)).toEqual([]);
    expect(again[10]?.score).toBeLessThan(1);
    expect(second.memory()).toEqual(first.memory());
  });

  it("forgets alerts after four months", () => {
    const first = createFineWatch(sensitivity());
    first.look(known(spiked.subarray(0, 3010), FIVE), 2990);
    const later = createFineWatch(sensitivity(), first.memory());
    later.look({ ...known(busyDays(2000, HOUR), HOUR), start: START + 100 * 24 * HOUR }, 1999);
    expect(later.memory()).toEqual({ alerts: [] });
  });
});
