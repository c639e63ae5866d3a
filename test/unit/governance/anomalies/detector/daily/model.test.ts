import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../../../../shared/governance/anomalies/types.ts";
import { excursionsOf, noiseOf, readOrdinary } from "./model-support.ts";
import { ordinary, START } from "./support.ts";

describe("what is learnt from a series", () => {
  it("is its noise, whether or not irregular jobs lie on top of it", () => {
    const plain = noiseOf(ordinary(120));
    const withJobs = noiseOf(ordinary(120).map((cost, day) => (day % 7 === 3 || day % 11 === 5 ? cost * 2.5 : cost)));
    expect(plain.scale).toBeGreaterThan(0.015);
    expect(plain.scale).toBeLessThan(0.035);
    expect(withJobs.scale).toBeLessThan(plain.scale * 2.5);
  });

  it("is a wander that the filter does not know of", () => {
    let level = 0;
    const steps = ordinary(120, 0.05).map((cost) => Math.log(cost / 100));
    const wandering = steps.map((step) => {
      level += step;
      return 100 * Math.exp(level);
    });
    expect(readOrdinary(ordinary(120)).wander).toBeLessThan(1e-5);
    expect(readOrdinary(wandering).wander).toBeGreaterThan(1e-5);
  });

  it("is the level again that an episode left", () => {
    const episode = ordinary(120).map((cost, day) => (day >= 80 && day < 95 ? cost * 0.3 : cost));
    const { track, window } = readOrdinary(episode);
    const levels = [79, 85, 110].map((day) => track.states[(day - window.offset) * 10] ?? 0);
    expect(levels[1]).toBeCloseTo(levels[0] ?? 0, 1);
    expect(levels[2]).toBeCloseTo(levels[0] ?? 0, 1);
  });

  it("is the fee of a day of the month, as an amount", () => {
    const fees = ordinary(125).map((cost, day) =>
      new Date(START + day * DAY_MS).getUTCDate() === 1 ? cost + 150 : cost,
    );
    const { monthly, window } = readOrdinary(fees);
    const first = (Date.parse("2026-06-01") - START) / DAY_MS - window.offset;
    expect(monthly.amount[first]).toBeGreaterThan(1.2);
    expect(monthly.amount[first]).toBeLessThan(1.8);
    expect(monthly.amount[first + 1]).toBe(0);
  });

  it("is how often it leaves its range, run by run", () => {
    const jobs = ordinary(120).map((cost, day) => (day % 20 === 5 || day % 20 === 6 ? cost * 3 : cost));
    const excursions = excursionsOf(jobs);
    expect(excursions.filter((run) => run.size > 0.5).map((run) => [run.start, run.end])).toEqual([
      [25, 26],
      [45, 46],
      [65, 66],
      [85, 86],
      [105, 106],
    ]);
  });
});
