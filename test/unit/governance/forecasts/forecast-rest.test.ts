import { describe, expect, it } from "vitest";
import { forecastRest, type KnownDays } from "../../../../shared/governance/forecasts/forecast-rest.ts";
import { costsBefore, knownDays, wobble } from "./support.ts";

const TODAY = "2024-09-11";

function september(...kinds: KnownDays[]) {
  return forecastRest(kinds, Date.parse("2024-09-01"), Date.parse("2024-10-01"));
}

describe("forecastRest", () => {
  it("expects what days cost, with their scatter as the interval", () => {
    const calm = september(
      knownDays(
        TODAY,
        costsBefore(TODAY, 90, (_date, i) => 100 + wobble(i)),
      ),
    );
    const wild = september(
      knownDays(
        TODAY,
        costsBefore(TODAY, 90, (_date, i) => 100 + 40 * wobble(i)),
      ),
    );
    expect(calm.rest).toBeCloseTo(2000, -2);
    expect(calm.low).toBeLessThan(calm.rest);
    expect(wild.high - wild.low).toBeGreaterThan(calm.high - calm.low);
  });

  it("knows weekdays", () => {
    const costs = costsBefore(TODAY, 84, (date) => (date.getUTCDay() % 6 === 0 ? 40 : 100));
    const { path, from } = september(knownDays(TODAY, costs));
    expect(new Date(from).toISOString()).toBe(`${TODAY}T00:00:00.000Z`);
    // Thursday, Friday, Saturday, Sunday, Monday after Wednesday the 11th.
    expect([...path.slice(1, 6)].map(Math.round)).toEqual(
      [100, 100, 42, 42, 100].map((cost) => expect.closeTo(cost, -1)),
    );
  });

  it("learns days that cost nothing, such as weekends of a job that runs on weekdays", () => {
    const costs = costsBefore(TODAY, 84, (date) => (date.getUTCDay() % 6 === 0 ? 0 : 100));
    // 14 of the 20 days are weekdays.
    expect(september(knownDays(TODAY, costs)).rest).toBeCloseTo(1400, -2);
  });

  it("takes a lasting step for the new level after four days", () => {
    const steps = (days: number) => costsBefore(TODAY, 90, (_date, i) => (i >= 90 - days ? 200 : 100) + wobble(i));
    expect(september(knownDays(TODAY, steps(3))).rest).toBeCloseTo(2000, -2);
    expect(september(knownDays(TODAY, steps(4))).rest).toBeCloseTo(4000, -2);
    // Four days are not for ever: the interval reaches down towards what was.
    const young = september(knownDays(TODAY, steps(4)));
    expect(young.rest - young.low).toBeGreaterThan(2 * (young.high - young.rest));
    // Three may go on: it reaches up.
    const waiting = september(knownDays(TODAY, steps(3)));
    expect(waiting.high - waiting.rest).toBeGreaterThan(2 * (waiting.rest - waiting.low));
  });

  it("is back at once when an excursion ends", () => {
    const costs = costsBefore(TODAY, 90, (_date, i) => (i >= 60 && i < 89 ? 300 : 100) + wobble(i));
    expect(september(knownDays(TODAY, costs)).rest).toBeCloseTo(2000, -2);
  });

  it("is not lifted by one spike, but by spikes that are a habit", () => {
    const spikes = (at: readonly number[]) =>
      costsBefore(TODAY, 90, (_date, i) => (at.includes(i) ? 500 : 100) + wobble(i));
    const calm = september(knownDays(TODAY, spikes([]))).rest;
    expect(september(knownDays(TODAY, spikes([70]))).rest).toBeCloseTo(calm, -1);
    const often = september(knownDays(TODAY, spikes([3, 11, 20, 34, 41, 52, 60, 71, 80])));
    expect(often.rest).toBeGreaterThan(1.2 * calm);
  });

  it("goes on growing, but not for ever", () => {
    const costs = costsBefore(TODAY, 112, (_date, i) => 100 * Math.exp(0.003 * (i - 111)));
    const { path } = forecastRest([knownDays(TODAY, costs)], Date.parse(TODAY), Date.parse("2025-09-11"));
    expect(path[29]).toBeGreaterThan(106);
    expect(path[300]).toBeLessThan(125);
  });

  it.each([
    ["the first", (date: Date) => date.getUTCDate() === 1, "2024-09-01", "2024-10-02", 1],
    [
      "the last day of the month",
      (date: Date) =>
        date.getUTCDate() === new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
      "2024-09-01",
      "2024-10-01",
      1,
    ],
    ["the fifteenth, a job that earns", (date: Date) => date.getUTCDate() === 15, "2024-09-01", "2024-10-01", 1],
  ])("learns what comes on %s of each month", (_name, isSpecial, from, to, times) => {
    const plain = costsBefore(TODAY, 100, (_date, i) => 100 + wobble(i));
    const special = costsBefore(TODAY, 100, (date, i) => (isSpecial(date) ? 900 : 0) + 100 + wobble(i));
    const rest = (costs: number[]) => forecastRest([knownDays(TODAY, costs)], Date.parse(from), Date.parse(to)).rest;
    expect(rest(special) - rest(plain)).toBeCloseTo(900 * times, -2);
  });

  it("forecasts what is bought on its days, apart from what is used", () => {
    const used = knownDays(
      TODAY,
      costsBefore(TODAY, 112, () => 10),
    );
    const bought = knownDays(
      TODAY,
      costsBefore(TODAY, 112, (date) => (date.getUTCDate() === 20 ? 700 : 0)),
    );
    const { rest, path } = september(used, bought);
    expect(rest).toBeCloseTo(200 + 700, 0);
    // The twentieth.
    expect(path[9]).toBeCloseTo(710, 0);
  });

  it("does not expect a single purchase again", () => {
    const bought = knownDays(
      TODAY,
      costsBefore(TODAY, 112, (_date, i) => (i === 60 ? 5000 : 0)),
    );
    const { rest, low, high } = september(bought);
    expect([rest, low]).toEqual([0, 0]);
    expect(high).toBeGreaterThan(0);
  });

  it("corrects newest days by their learnt share and widens by its spread", () => {
    const whole = costsBefore(TODAY, 90, (_date, i) => 100 + wobble(i));
    const shown = [...whole.slice(0, 88), 96, 80];
    const still = [
      { share: 0.8, spread: 0.001 },
      { share: 0.96, spread: 0.001 },
    ];
    const moving = [
      { share: 0.8, spread: 0.3 },
      { share: 0.96, spread: 0.1 },
    ];
    const [sure, unsure] = [september(knownDays(TODAY, shown, still)), september(knownDays(TODAY, shown, moving))];
    expect(sure.rest).toBeCloseTo(2000 + 20 + 4, -1);
    expect(sure.path).toHaveLength(22);
    expect(unsure.high - unsure.low).toBeGreaterThanOrEqual(sure.high - sure.low);
  });

  it("lets a dear incomplete day stay dear when its share is sure", () => {
    const costs = [...costsBefore(TODAY, 89, (_date, i) => 100 + wobble(i)), 450];
    const { path } = september(knownDays(TODAY, costs, [{ share: 0.9, spread: 0.001 }]));
    expect(path[0]).toBeGreaterThan(480);
  });

  it("takes days that nothing was delivered of for days to come, and keeps what is reported ahead", () => {
    const costs = [...costsBefore(TODAY, 88, (_date, i) => 100 + wobble(i)), Number.NaN, Number.NaN];
    const late = [
      { share: 0.01, spread: 1 },
      { share: 0.01, spread: 1 },
    ];
    expect(september(knownDays(TODAY, costs, late)).rest).toBeCloseTo(2200, -2);
    const known = knownDays(
      TODAY,
      costsBefore(TODAY, 90, () => 100),
    );
    const reported = september({ ...known, ahead: Float64Array.from([30, 400]) });
    // Today is topped up from 30, tomorrow's 400 are part of the actual cost already.
    expect(reported.rest).toBeCloseTo(70 + 18 * 100, 0);
  });

  it("is wide for young series and narrows", () => {
    const width = (days: number) => {
      const { rest, low, high } = september(
        knownDays(
          TODAY,
          costsBefore(TODAY, days, () => 100),
        ),
      );
      expect(rest).toBeCloseTo(2000, 0);
      return high - low;
    };
    const widths = [1, 3, 7, 13, 30].map(width);
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
    expect(widths[0]).toBeGreaterThan(2000);
  });

  it("forecasts series with many empty days at their rate", () => {
    const costs = costsBefore(TODAY, 112, (_date, i) => (i % 5 === 0 ? 100 : 0));
    const { rest, low, high } = september(knownDays(TODAY, costs));
    expect(rest).toBeCloseTo(400, -2);
    expect(low).toBeGreaterThanOrEqual(0);
    expect(high).toBeGreaterThan(rest);
  });

  it("forecasts credits like costs below zero", () => {
    const cost = september(
      knownDays(
        TODAY,
        costsBefore(TODAY, 60, (_date, i) => 50 + wobble(i)),
      ),
    );
    const credit = september(
      knownDays(
        TODAY,
        costsBefore(TODAY, 60, (_date, i) => -50 - wobble(i)),
      ),
    );
    expect(credit.rest).toBeCloseTo(-cost.rest, 6);
    expect([credit.low, credit.high]).toEqual([expect.closeTo(-cost.high, 6), expect.closeTo(-cost.low, 6)]);
  });

  it("is not moved by one refund", () => {
    const costs = costsBefore(TODAY, 90, (_date, i) => (i === 80 ? -300 : 100 + wobble(i)));
    expect(september(knownDays(TODAY, costs)).rest).toBeCloseTo(2000, -2);
  });

  it("has nothing to say about a period that is over and final, or a scope without cost", () => {
    const costs = costsBefore(TODAY, 90, () => 100);
    const august = forecastRest([knownDays(TODAY, costs)], Date.parse("2024-08-01"), Date.parse("2024-09-01"));
    expect([august.rest, august.low, august.high]).toEqual([0, 0, 0]);
    expect([
      september(
        knownDays(
          TODAY,
          costs.map(() => 0),
        ),
      ).rest,
      september().rest,
    ]).toEqual([0, 0]);
  });

  it("forecasts periods that begin later, and years with intervals that grow faster than the root of days", () => {
    const known = knownDays(
      TODAY,
      costsBefore(TODAY, 112, (_date, i) => 100 + 5 * wobble(i)),
    );
    const october = forecastRest([known], Date.parse("2024-10-01"), Date.parse("2024-11-01"));
    expect(october.path).toHaveLength(31);
    expect(october.rest).toBeCloseTo(3100, -2);
    const width = (to: string) => {
      const { low, high } = forecastRest([known], Date.parse("2024-09-01"), Date.parse(to));
      return high - low;
    };
    expect(width("2025-09-01") / width("2024-10-01")).toBeGreaterThan(2 * Math.sqrt(355 / 20));
  });

  it("counts the days of a leap February", () => {
    const days = (today: string, to: string) =>
      forecastRest(
        [
          knownDays(
            today,
            costsBefore(today, 90, () => 10),
          ),
        ],
        Date.parse(today),
        Date.parse(to),
      ).rest / 10;
    expect([days("2024-02-11", "2024-03-01"), days("2023-02-11", "2023-03-01")]).toEqual([
      expect.closeTo(19, 1),
      expect.closeTo(18, 1),
    ]);
  });
});
