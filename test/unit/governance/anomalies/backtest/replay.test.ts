import { describe, expect, it } from "vitest";
import { backtest } from "../../../../../shared/governance/anomalies/backtest/backtest.ts";
import { DAY_MS } from "../../../../../shared/governance/anomalies/types.ts";
import { createRecordingWatch, observationsOf, type Shown } from "./support.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const iso = (time: number) => new Date(time).toISOString();
const daily = (series: string, day: number, seenAfter: number, cost: number) =>
  `${series},${iso(START + day * DAY_MS)},${iso(START + (day + seenAfter) * DAY_MS + DAY_MS / 4)},${cost}`;

const SETTINGS = { falseAlertsPer90Days: 1, step: "auto", floor: 0, scores: true } as const;

async function run(
  rows: readonly string[],
  settings: Partial<Parameters<typeof backtest>[1]> = {},
  alertFrom?: number,
) {
  const shown: Shown[] = [];
  const watch = createRecordingWatch(shown, alertFrom);
  const lines = [...backtest(await observationsOf(rows), { ...SETTINGS, ...settings }, watch)];
  return { shown, lines };
}

describe("a replay", () => {
  it("shows at each look what is known then and nothing later", async () => {
    const rows = [daily("a", 0, 1, 10), daily("a", 1, 1, 20), daily("a", 0, 2, 11), daily("a", 2, 1, 30)];
    const { shown } = await run(rows, { step: DAY_MS });
    expect(shown.map(({ costs, changedFrom }) => ({ costs, changedFrom }))).toEqual([
      { costs: [10], changedFrom: 0 },
      { costs: [11, 20], changedFrom: 0 },
      { costs: [11, 20, 30], changedFrom: 2 },
    ]);
    expect(shown[2]).toMatchObject({ start: "2026-01-01T00:00:00.000Z", step: DAY_MS });
  });

  it("leaves gaps open, also where an older period comes later", async () => {
    const rows = [daily("a", 3, 1, 3), daily("a", 0, 5, 1), daily("a", 6, 1, 6)];
    const { shown } = await run(rows, { step: DAY_MS });
    expect(shown.map(({ costs, changedFrom }) => [costs, changedFrom])).toEqual([
      [[3], 0],
      [[1, null, null, 3], 0],
      [[1, null, null, 3, null, null, 6], 6],
    ]);
  });

  it("takes the median step known so far, and never one that it cannot know yet", async () => {
    const rows = [0, 3, 4, 5, 6, 7].map((day) => daily("a", day, 1, day + 1));
    const { shown } = await run(rows);
    expect(shown.map(({ step }) => step / DAY_MS)).toEqual([3, 1, 1, 1, 1]);
    expect(shown.map(({ costs }) => costs)[1]).toEqual([1, null, null, 4, 5]);
  });

  it("keeps every alert in memory when the step changes", async () => {
    const memories: unknown[] = [];
    const observations = await observationsOf([0, 3, 4, 5].map((day) => daily("a", day, 1, 1)));
    const lines = backtest(observations, SETTINGS, (sensitivity, memory) => {
      memories.push(memory);
      return {
        ...createRecordingWatch([])(sensitivity),
        memory: () => ({ alerts: [{ at: 1 } as never] }),
      };
    });
    expect([...lines].length).toBeGreaterThan(0);
    expect(memories).toEqual([undefined, { alerts: [{ at: 1 }] }]);
  });

  it("puts times that waver onto a grid and gives them back as they stand in the file", async () => {
    const minutes = [0, 5.1, 9.9, 15, 25.05, 30].map((minute) => START + minute * 60_000);
    const rows = minutes.map((time) => `m,${iso(time)},${iso(time)},1`);
    const { shown, lines } = await run(rows, { step: 300_000 });
    expect(shown.at(-1)?.costs).toEqual([1, 1, 1, 1, null, 1, 1]);
    expect(lines.map((line) => Date.parse((JSON.parse(line) as { charge_time: string }).charge_time))).toEqual(minutes);
  });

  it("learns from the series' own looks how complete the newest days are, and only when it was ever restated", async () => {
    const days = Array.from({ length: 60 }, (_none, day) => day);
    const restated = await run(
      days.flatMap((day) => [daily("a", day, 1, 80), daily("a", day, 2, 95), daily("a", day, 3, 100)]),
    );
    expect(restated.shown.at(-3)?.completeness.slice(0, 3)).toEqual([0.8, 0.95, 1]);
    const final = await run(days.map((day) => daily("a", day, 1, 100)));
    expect(final.shown.at(-1)?.completeness).toEqual([]);
  });

  it("tells the morning's look at a day from the evening's", async () => {
    const rows = Array.from({ length: 40 }, (_none, day) => [
      daily("a", day, 1, 60),
      daily("a", day, 1.5, 90),
      daily("a", day, 2, 100),
    ]).flat();
    const { shown } = await run(rows, { step: DAY_MS });
    const newest = shown.slice(-3, -1).map(({ costs, completeness }) => [costs.at(-1), completeness.slice(0, 2)]);
    expect(newest).toEqual([
      [60, [0.6, 1]],
      [90, [0.9, 1]],
    ]);
  });

  it("keeps as much as detectors look at, however long the series or its gaps are", async () => {
    const long = await run(Array.from({ length: 1000 }, (_none, day) => daily("a", day, 1, day)));
    expect(long.shown.at(-1)?.costs).toHaveLength(400);
    expect(long.shown.at(-1)).toMatchObject({
      changedFrom: 399,
      start: iso(START + 600 * DAY_MS),
    });
    expect(long.shown.at(-1)?.costs[0]).toBe(600);

    const at = (minute: number, cost: number) =>
      `m,${iso(START + minute * 60_000)},${iso(START + minute * 60_000)},${cost}`;
    const years = 40 * 365 * 1440;
    const gaps = await run(
      [0, 1, 2, years, years + 1, 2 * years].map((minute) => at(minute, minute)),
      { step: 60_000 },
    );
    expect(gaps.shown.at(-1)?.costs).toHaveLength(35 * 1440);
    expect(gaps.shown.at(-1)?.costs.filter((cost) => cost !== null)).toEqual([2 * years]);
  });

  it("passes over restatements of periods that are long gone", async () => {
    const rows = Array.from({ length: 500 }, (_none, day) => daily("a", day, 1, day));
    const { shown, lines } = await run([...rows, daily("a", 3, 600, 7777)]);
    expect(shown).toHaveLength(499);
    expect(lines.some((line) => line.includes("7777"))).toBe(false);
  });
});

describe("the lines of a backtest", () => {
  const scoredIn = (lines: readonly string[]) =>
    lines
      .map((line) => JSON.parse(line) as Record<string, string>)
      .map((line) => [line["observed_at"], line["charge_time"]]);

  it("score the first observation too, before a step can be known", async () => {
    const { lines } = await run([0, 1, 2].map((day) => daily("a", day, 1, 10)));
    expect(scoredIn(lines).map(([, charge]) => charge)).toEqual(
      [0, 1, 2].map((day) => iso(START + day * DAY_MS).replace(".000Z", "Z")),
    );
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ kind: "score", score: 0 });
  });

  it("score what was observed, not again what a restatement left as it was", async () => {
    const rows = [...[0, 1, 2, 3, 4].map((day) => daily("a", day, 1, 10)), daily("a", 2, 3.5, 12)];
    const { lines } = await run(rows, { step: DAY_MS });
    expect(scoredIn(lines)).toHaveLength(rows.length);
    expect(new Set(scoredIn(lines).map(String)).size).toBe(rows.length);
  });

  const rows = [
    ...[0, 1, 2, 3].flatMap((day) => [daily("b", day, 1, 10 + day), daily("a", day, 1, 20 + day)]),
    daily("a", 2, 2, 400.123),
  ];

  it("stand in the order of time, then of series, and have the fields of the contract", async () => {
    const { lines } = await run(rows, { step: DAY_MS }, 300);
    expect(lines.slice(0, 2)).toEqual([
      '{"kind":"score","series":"a","observed_at":"2026-01-02T06:00:00Z","charge_time":"2026-01-01T00:00:00Z","score":20}',
      '{"kind":"score","series":"b","observed_at":"2026-01-02T06:00:00Z","charge_time":"2026-01-01T00:00:00Z","score":10}',
    ]);
    expect(lines.find((line) => line.includes("alert"))).toBe(
      '{"kind":"alert","series":"a","alerted_at":"2026-01-05T06:00:00Z","charge_time":"2026-01-03T00:00:00Z","score":400.123,' +
        '"actual":400.123,"expected":133.374,"lower":100.031,"upper":200.061,"direction":"up","channel":"point","impact":400.123}',
    );
  });

  it("are alerts only where scores are not wanted", async () => {
    const { lines } = await run(rows, { step: DAY_MS, scores: false }, 300);
    expect(lines.map((line) => (JSON.parse(line) as { kind: string }).kind)).toEqual(["alert"]);
  });

  it("do not depend on other series", async () => {
    const alone = await run(rows.filter((row) => row.startsWith("a")));
    const together = await run([...rows, ...rows.map((row) => `0${row}`)]);
    expect(together.lines.filter((line) => line.includes('"series":"a"'))).toEqual(alone.lines);
  });

  it("hand the dial and the floor to the watch", async () => {
    const given: unknown[] = [];
    const observations = await observationsOf(rows);
    const settings = { falseAlertsPer90Days: 0.25, step: DAY_MS, floor: 5, scores: false } as const;
    const lines = backtest(observations, settings, (sensitivity) => {
      given.push(sensitivity);
      return createRecordingWatch([])(sensitivity);
    });
    expect([...lines]).toEqual([]);
    expect(given[0]).toEqual({ falseAlertsPer90Days: 0.25, floor: 5, planned: [], newLevels: [], caution: 1 });
  });

  it("are refused where an interval would put several periods into one", async () => {
    const hours = Array.from({ length: 10 }, (_none, hour) => START + hour * 3_600_000);
    const hourly = hours.map((time) => `h,${iso(time)},${iso(time)},1`);
    await expect(run(hourly, { step: DAY_MS })).rejects.toThrow('series "h" has a period every 60m; use that or auto');
    expect((await run(hourly, { step: 3_600_000 })).lines).toHaveLength(10);
    expect((await run(hourly.slice(0, 2), { step: DAY_MS })).lines).toHaveLength(2);
  });
});
