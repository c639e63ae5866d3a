import { describe, expect, it } from "vitest";
import { DIALS } from "../../../../../../shared/governance/anomalies/detector/daily/thresholds.ts";
import { createWatch } from "../../../../../../shared/governance/anomalies/detector/detect.ts";
import { DAY_MS } from "../../../../../../shared/governance/anomalies/types.ts";
import { alertsOf, dayOf, follow, known, memoryOf, ordinary, START, USUAL } from "./support.ts";

const changed = (costs: readonly number[], change: (cost: number, day: number) => number) => costs.map(change);

describe("the daily watch", () => {
  it("says nothing about an ordinary series", () => {
    expect(alertsOf(ordinary(140), 20, { falseAlertsPer90Days: 0.1 })).toEqual([]);
  });

  it("tells of a day at twice its cost the morning after, with the range it left", () => {
    const costs = changed(ordinary(110), (cost, day) => (day === 100 ? cost * 2 : cost));
    const told = alertsOf(costs, 60, { falseAlertsPer90Days: 0.1 });
    expect(told).toHaveLength(1);
    expect(told[0]?.look).toBe(101);
    const alert = told[0]?.alert;
    expect(alert).toMatchObject({
      at: START + 100 * DAY_MS,
      since: START + 100 * DAY_MS,
      direction: "up",
      channel: "point",
    });
    expect(alert?.expected).toBeGreaterThan(90);
    expect(alert?.expected).toBeLessThan(110);
    expect(alert?.lower).toBeLessThan(alert?.expected ?? 0);
    expect(alert?.upper).toBeLessThan(alert?.actual ?? 0);
    expect(alert?.impact).toBeCloseTo((alert?.actual ?? 0) - (alert?.expected ?? 0), 6);
  });

  it("tells of a new level once, learns it, and is not surprised when the old one comes back", () => {
    const costs = changed(ordinary(150), (cost, day) => (day >= 90 && day < 125 ? cost * 1.6 : cost));
    const told = alertsOf(costs, 60, { falseAlertsPer90Days: 0.25 });
    expect(told.map((line) => line.look)).toEqual([91]);
  });

  it("finds a slow rise", () => {
    const costs = changed(ordinary(130), (cost, day) => (day < 90 ? cost : cost * (1 + (day - 89) / 40)));
    const told = alertsOf(costs, 60, { falseAlertsPer90Days: 0.25 });
    expect(told[0]?.alert?.direction).toBe("up");
    expect(dayOf(told[0]?.alert?.at ?? 0)).toBeGreaterThanOrEqual(90);
    expect(told[0]?.look).toBeLessThan(105);
  });

  it.each([
    { name: "a credit", left: -0.4, falseAlertsPer90Days: 1 as const },
    { name: "a day without cost", left: 0, falseAlertsPer90Days: 1 as const },
    { name: "a day with little cost, unless asked for much", left: 0.1, falseAlertsPer90Days: 0.25 as const },
  ])("waits for a second day after $name", ({ left, falseAlertsPer90Days }) => {
    const once = changed(ordinary(110), (cost, day) => (day === 100 ? cost * left : cost));
    expect(alertsOf(once, 60, { falseAlertsPer90Days })).toEqual([]);
    const twice = changed(ordinary(110), (cost, day) => (day === 100 || day === 101 ? cost * left : cost));
    const told = alertsOf(twice, 60, { falseAlertsPer90Days });
    expect(told.map((line) => [line.look, line.alert?.direction])).toEqual([[102, "down"]]);
  });

  it("tells at once of a day with little cost where people want to hear more", () => {
    const costs = changed(ordinary(110), (cost, day) => (day === 100 ? cost * 0.1 : cost));
    expect(alertsOf(costs, 60)[0]).toMatchObject({ look: 101, alert: { direction: "down" } });
  });

  it("expects fees on the first of a month once it has seen some", () => {
    const costs = changed(ordinary(125), (cost, day) =>
      new Date(START + day * DAY_MS).getUTCDate() === 1 ? cost + 120 : cost,
    );
    expect(alertsOf(costs, 80, { falseAlertsPer90Days: 0.25 })).toEqual([]);
  });

  it("expects an invoice on another day of the month after three of them", () => {
    const costs = changed(ordinary(135), (cost, day) =>
      new Date(START + day * DAY_MS).getUTCDate() === 15 ? cost + 80 : cost,
    );
    expect(alertsOf(costs, 105, { falseAlertsPer90Days: 0.25 })).toEqual([]);
  });

  it("does not wonder at quiet days between the years, nor at their end", () => {
    const start = Date.parse("2026-09-14T00:00:00Z");
    const resting = (day: number) =>
      start + day * DAY_MS >= Date.parse("2026-12-24") && start + day * DAY_MS < Date.parse("2027-01-02");
    const costs = changed(ordinary(125, 0.03, start), (cost, day) => (resting(day) ? cost * 0.8 : cost));
    expect(alertsOf(costs, 70, { falseAlertsPer90Days: 0.25 }, start)).toEqual([]);
  });

  it("takes irregular jobs for what they are", () => {
    const costs = changed(ordinary(125), (cost, day) => (day % 11 === 3 || day % 17 === 5 ? cost * 2.2 : cost));
    expect(alertsOf(costs, 95, { falseAlertsPer90Days: 0.25 })).toEqual([]);
  });

  it("meets an incomplete day with an incomplete range", () => {
    const costs = ordinary(100);
    costs[99] = (costs[99] ?? 0) * 0.4;
    const watch = createWatch(USUAL);
    const completeness = [{ share: 0.4, spread: 0.05 }];
    expect(watch.look(known(costs, { completeness }), 99).some((line) => line.alert)).toBe(false);
    costs[99] = (costs[99] ?? 0) * 2.5;
    const alert = watch.look(known(costs, { completeness }), 99).find((line) => line.alert)?.alert;
    expect(alert?.expected).toBeGreaterThan(30);
    expect(alert?.expected).toBeLessThan(48);
  });

  it("judges neither what was announced nor learns from it", () => {
    const costs = changed(ordinary(120), (cost, day) => (day >= 95 && day < 105 ? cost * 4 : cost));
    const planned = [{ from: START + 95 * DAY_MS, to: START + 105 * DAY_MS }];
    expect(alertsOf(costs, 60, { planned, falseAlertsPer90Days: 0.25 })).toEqual([]);
  });

  it("starts anew where a person said that a new level begins", () => {
    const costs = changed(ordinary(120), (cost, day) => (day >= 95 ? cost * 2 : cost));
    expect(alertsOf(costs, 96, { newLevels: [START + 95 * DAY_MS], falseAlertsPer90Days: 0.25 })).toEqual([]);
    const again = changed(costs, (cost, day) => (day >= 112 ? cost * 2 : cost));
    expect(alertsOf(again, 96, { newLevels: [START + 95 * DAY_MS, START], falseAlertsPer90Days: 0.25 })[0]?.look).toBe(
      113,
    );
  });

  it("keeps to the floor, and divides scores by caution", () => {
    const costs = changed(ordinary(102), (cost, day) => (day === 100 ? cost * 1.5 : cost));
    const [alert] = alertsOf(costs, 60, { falseAlertsPer90Days: 0.25 });
    expect(alertsOf(costs, 60, { falseAlertsPer90Days: 0.25, floor: 1000 })).toEqual([]);
    const careful = follow(createWatch({ ...USUAL, caution: 2 }), costs, 101).find((line) => line.look === 101);
    expect(careful?.score).toBeCloseTo((alert?.score ?? 0) / 2, 6);
    expect(alertsOf(costs, 60, { caution: 20 })).toEqual([]);
  });

  it("says nothing before there is a fortnight of history", () => {
    const costs = [...ordinary(13), 5000];
    expect(follow(createWatch(USUAL), costs, 1).every((line) => line.score === 0 && line.alert === undefined)).toBe(
      true,
    );
  });

  it("prints a line for each known day that is new or restated, and little score for a repeat", () => {
    const costs = changed(ordinary(104), (cost, day) => (day >= 100 ? cost * 2 : cost));
    const watch = createWatch(USUAL);
    const lines = follow(watch, costs, 100);
    expect(lines.map((line) => dayOf(line.at))).toEqual([99, 100, 101, 102, 103]);
    expect(lines[1]?.alert).toBeDefined();
    expect(lines[2]?.score).toBeLessThan((lines[1]?.score ?? 0) / 2);
    expect(watch.look(known(costs), costs.length)).toEqual([]);
    const gap = [...ordinary(102), Number.NaN, 100];
    expect(
      createWatch(USUAL)
        .look(known(gap), 100)
        .map((line) => dayOf(line.at)),
    ).toEqual([101, 103]);
  });

  it("says the same again after its memory went through JSON", () => {
    const costs = changed(ordinary(112), (cost, day) => (day >= 100 ? cost * 1.7 : cost));
    const watch = createWatch(USUAL);
    follow(watch, costs.slice(0, 105), 60);
    const later = createWatch(USUAL, memoryOf(watch));
    expect(follow(later, costs, 106)).toEqual(follow(watch, costs, 106));
    expect(memoryOf(later).alerts).toHaveLength(1);
  });

  it("bears gaps, also just before the newest day, and a series that begins with them", () => {
    const gappy = ordinary(110).map((cost, day) => (day < 25 || day % 9 === 4 ? Number.NaN : cost));
    expect(alertsOf(gappy, 30, { falseAlertsPer90Days: 0.25 })).toEqual([]);
    const late = changed(gappy, (cost, day) => (day >= 107 ? cost * 2 : cost));
    expect(alertsOf(late, 60, { falseAlertsPer90Days: 0.25 })[0]?.look).toBe(108);
    expect(createWatch(USUAL).look(known(Array.from({ length: 30 }, () => Number.NaN)), 0)).toEqual([]);
  });

  it("tells when a dead series comes to life", () => {
    const costs = Array.from({ length: 60 }, (_none, day) => (day < 55 ? 0 : 40));
    const told = alertsOf(costs, 30, { falseAlertsPer90Days: 0.1 });
    expect(told.map((line) => [line.look, line.alert?.direction])).toEqual([[56, "up"]]);
  });

  it("wonders at the least change of what never changed, if it is worth telling", () => {
    const flat = (last: number) => Array.from({ length: 60 }, (_none, day) => (day < 55 ? 42.17 : last));
    expect(alertsOf(flat(42.6), 30)).toEqual([]);
    expect(alertsOf(flat(55), 30, { falseAlertsPer90Days: 0.1 }).map((line) => line.look)).toEqual([56]);
  });

  it("watches weeks as well as days", () => {
    const weeks = Array.from(
      { length: 60 },
      (_none, week) => 700 + 10 * Math.sin(week * 1.7) + (week === 55 ? 500 : 0),
    );
    const watch = createWatch({ ...USUAL, falseAlertsPer90Days: 0.25 });
    const lines = [56, 57].flatMap((look) => watch.look(known(weeks.slice(0, look), { step: 7 * DAY_MS }), look - 1));
    expect(lines.filter((line) => line.alert).map((line) => dayOf(line.at) / 7)).toEqual([55]);
  });
});

describe("what became of an alert", () => {
  const spiked = (factor: number, days = 103) =>
    changed(ordinary(days), (cost, day) => (day === 100 ? cost * factor : cost));
  const watched = (costs: readonly number[]) => {
    const watch = createWatch(USUAL);
    follow(watch, costs, 99);
    return watch;
  };

  it("is nothing where there was none", () => {
    expect(createWatch(USUAL).standing(known(ordinary(60)))).toEqual([]);
  });

  it("stands while nothing else is known", () => {
    const [standing] = watched(spiked(2, 101)).standing(known(spiked(2, 101)));
    expect(standing?.state).toBe("stands");
    expect(standing?.now.actual).toBe(standing?.alert.actual);
  });

  it("is taken back by a restatement", () => {
    const [standing] = watched(spiked(2, 101)).standing(known(spiked(1, 102)));
    expect(standing?.state).toBe("vanished");
    expect(standing?.now.actual).toBeLessThan(standing?.alert.upper ?? 0);
  });

  it("is over after two ordinary days", () => {
    expect(watched(spiked(2)).standing(known(spiked(2)))[0]?.state).toBe("over");
  });

  it("is over when it is too long ago to be looked at", () => {
    const watch = watched(spiked(2));
    const [standing] = watch.standing(known(ordinary(130), { start: START + 200 * DAY_MS }));
    expect(standing).toMatchObject({ state: "over", now: { actual: standing?.alert.actual } });
  });

  it("is the new level after a fortnight", () => {
    const stepped = (days: number) => changed(ordinary(days), (cost, day) => (day >= 100 ? cost * 1.6 : cost));
    const watch = watched(stepped(104));
    expect(watch.standing(known(stepped(106)))[0]?.state).toBe("stands");
    const [standing] = watch.standing(known(stepped(117)));
    expect(standing?.state).toBe("new-level");
    expect(standing?.now.impact).toBeGreaterThan(standing?.alert.impact ?? 0);
  });

  it("prints no score of an alert on a day for which it alerts nobody", () => {
    const costs = changed(ordinary(130), (cost, day) => (day >= 100 && day < 104 ? cost * 2 : cost));
    const lines = follow(createWatch(USUAL), costs, 60);
    const loud = lines.filter((line) => line.score >= DIALS[1].threshold);
    expect(loud.length).toBeGreaterThan(0);
    expect(loud.filter((line) => line.alert === undefined)).toEqual([]);
  });

  it("says what became of an old alert whatever other series it has read", () => {
    const costs = changed(ordinary(120), (cost, day) => (day >= 60 && day < 63 ? cost * 2 : cost));
    const watch = createWatch(USUAL);
    const start = START - 3 * DAY_MS;
    const fees = changed(ordinary(70, 0.03, start), (cost, day) =>
      new Date(start + day * DAY_MS).getUTCDate() === 1 ? cost + 90 : cost,
    );
    follow(watch, costs.slice(0, 70), 50);
    createWatch(USUAL).look(known(ordinary(20)), 19);
    const before = watch.standing(known(costs));
    createWatch(USUAL).look(known(fees, { start }), 69);
    expect(before).not.toEqual([]);
    expect(watch.standing(known(costs))).toEqual(before);
  });

  it("decides by a day that is off in the direction it tells", () => {
    const costs = changed(ordinary(109), (cost, day) => (day < 100 ? cost : cost * (day < 108 ? 1.3 : 0.97)));
    const [told] = alertsOf(costs, 109);
    expect(told?.alert).toMatchObject({ direction: "up", channel: "drift" });
    expect(told?.alert?.actual).toBeGreaterThan(told?.alert?.expected ?? Number.NaN);
    expect(dayOf(told?.at ?? 0)).toBe(107);
  });
});
