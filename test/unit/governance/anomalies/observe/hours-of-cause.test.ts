import { describe, expect, it } from "vitest";
import { hoursOfCause } from "../../../../../shared/governance/anomalies/observe/hours-of-cause.ts";
import type { LeafTable, SeriesNode } from "../../../../../shared/governance/anomalies/series/types.ts";

const HOUR = 3_600_000;
const START = "2024-09-01";
const hourAt = (index: number) => Date.parse(START) + index * HOUR;

/** 10 an hour for four weeks, then these costs; told at the first of them. */
function look(newest: readonly number[], alert: { actual?: number; direction?: "up" | "down" } = {}) {
  const costs = Float64Array.from([...Array.from({ length: 672 }, () => 10), ...newest]);
  const table: LeafTable = { by: [], start: START, days: costs.length, step: HOUR, leaves: [] };
  const node: SeriesNode = { id: "x", currency: "USD", keys: {}, leaves: [0], costs };
  const now = {
    at: hourAt(672),
    since: hourAt(672),
    score: 3,
    actual: newest[0] ?? 0,
    expected: 40,
    lower: 30,
    upper: 45,
    direction: "up" as const,
    channel: "point" as const,
    impact: 1,
    ...alert,
  };
  const cause = { series: "x", currency: "USD", keys: {}, alert: { ...now, alertedAt: hourAt(673) } };
  return hoursOfCause({ cause, node, state: "stands", now }, table);
}

describe("hoursOfCause", () => {
  it("goes on as long as hours are at least half as far off", () => {
    expect(look([50, 60, 31, 29, 50])).toEqual({
      from: hourAt(672),
      to: hourAt(675),
      actual: 141,
      expected: 30,
      lasts: false,
      decided: { expected: 10, lower: 10, upper: 10 },
    });
  });

  it("lasts up to the newest hour that is known", () => {
    expect(look([50, 60])).toMatchObject({ to: hourAt(674), lasts: true });
    expect(look([50, 60, Number.NaN, Number.NaN])).toMatchObject({ to: hourAt(674), lasts: true });
  });

  it("says of a drop what is missing", () => {
    expect(look([2, 3, 9], { direction: "down" })).toMatchObject({ to: hourAt(674), actual: 5, expected: 20 });
  });

  it("believes the watch where the weeks before say the opposite", () => {
    expect(look([9, 9], { direction: "up" })).toMatchObject({ decided: { expected: 40, lower: 30, upper: 45 } });
  });
});
