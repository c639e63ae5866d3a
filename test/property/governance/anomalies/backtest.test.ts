import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backtest } from "../../../../shared/governance/anomalies/backtest/backtest.ts";
import { readObservations } from "../../../../shared/governance/anomalies/backtest/read-observations.ts";
import { createWatch } from "../../../../shared/governance/anomalies/detector/detect.ts";

/** What the real detectors say about series of every kind that a file may hold. */
const MINUTE = 60_000;
const START = Date.parse("2026-01-25T00:00:00Z");

const amount = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: 90, max: 110, noNaN: true }) },
  { weight: 2, arbitrary: fc.constantFrom(0, 100, 100.5, 300) },
  { weight: 1, arbitrary: fc.constantFrom(-50, 1e-12, 1e-7, -1e19, 9e19, 5e-324) },
);

interface Period {
  cost: number;
  /** Share that a first look shows; 1: never restated. */
  first: number;
  isMissing: boolean;
}

const period: fc.Arbitrary<Period> = fc.record({
  cost: amount,
  first: fc.constantFrom(1, 1, 0.8, 0, -1),
  isMissing: fc.integer({ min: 0, max: 15 }).map((number) => number === 0),
});

const series = fc.record({
  minutes: fc.constantFrom(1440, 1440, 60, 5),
  late: fc.boolean(),
  scale: fc.constantFrom(1, 1, 1e-9),
  head: fc.array(period, { minLength: 1, maxLength: 60 }),
  repeat: fc.integer({ min: 1, max: 3 }),
});
type Series = typeof series extends fc.Arbitrary<infer S> ? S : never;

function rowsOf(name: string, { minutes, late, scale, head, repeat }: Series): string[] {
  const step = minutes * MINUTE;
  const iso = (time: number) => new Date(time).toISOString();
  const periods = Array.from({ length: repeat }, () => head).flat();
  return periods.flatMap(({ cost, first, isMissing }, index) => {
    const charge = START + index * step;
    const row = (share: number, looks: number) =>
      `${name},${iso(charge)},${iso(late ? charge + looks * step : charge)},${cost * scale * share}`;
    if (isMissing) return [];
    return late && first !== 1 ? [row(first, 1), row(1, 2)] : [row(1, 1)];
  });
}

async function linesOf(rows: readonly string[], falseAlertsPer90Days: 1 | 0.1 = 1): Promise<string[]> {
  const bytes = [new TextEncoder().encode(["series,charge_time,observed_at,cost", ...rows].join("\n"))];
  const observations = await readObservations(piecesOf(bytes), "obs.csv");
  return [...backtest(observations, { falseAlertsPer90Days, step: "auto", floor: 0, scores: true }, createWatch)];
}

async function* piecesOf(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

const RUNS = { numRuns: 25 };

describe("a backtest of any series", () => {
  it("prints sound numbers about what is known, in the order of time", async () => {
    await fc.assert(
      fc.asyncProperty(series, async (one) => {
        const lines = (await linesOf(rowsOf("a", one))).map((line) => JSON.parse(line) as Record<string, unknown>);
        const seen = lines.map((line) => Date.parse(String(line["observed_at"] ?? line["alerted_at"])));
        expect(seen).toEqual(seen.toSorted((a, b) => a - b));
        for (const [index, line] of lines.entries()) {
          expect(Date.parse(String(line["charge_time"]))).toBeLessThanOrEqual(seen[index] ?? 0);
          expect(line["score"]).toBeTypeOf("number");
          if (line["kind"] === "alert") expectSound(line);
        }
      }),
      RUNS,
    );
  });

  it("says the same whatever the order of rows and whatever other series there are", async () => {
    await fc.assert(
      fc.asyncProperty(series, series, fc.infiniteStream(fc.nat()), async (one, other, numbers) => {
        const alone = await linesOf(rowsOf("a", one));
        const all = [...rowsOf("b", other), ...rowsOf("a", one)];
        const shuffled = all
          .map((row) => ({ row, at: numbers.next().value }))
          .sort((a, b) => a.at - b.at)
          .map(({ row }) => row);
        expect((await linesOf(shuffled)).filter((line) => line.includes('"series":"a"'))).toEqual(alone);
      }),
      RUNS,
    );
  });

  it("says nothing else when more becomes known later", async () => {
    await fc.assert(
      fc.asyncProperty(series, fc.double({ min: 0.1, max: 1, noNaN: true }), async (one, part) => {
        const rows = rowsOf("a", one).toSorted((a, b) => (observedAt(a) < observedAt(b) ? -1 : 1));
        const until = observedAt(rows[Math.floor((rows.length - 1) * part)] ?? "");
        const before = await linesOf(rows.filter((row) => observedAt(row) <= until));
        expect((await linesOf(rows)).slice(0, before.length)).toEqual(before);
      }),
      RUNS,
    );
  });
});

const observedAt = (row: string) => row.split(",")[2] ?? "";

function expectSound(line: Record<string, unknown>): void {
  const number = (field: string) => {
    expect(line[field], field).toBeTypeOf("number");
    return Number(line[field]);
  };
  expect(number("lower")).toBeLessThanOrEqual(number("expected"));
  expect(number("expected")).toBeLessThanOrEqual(number("upper"));
  expect(number("impact")).toBeGreaterThanOrEqual(0);
  expect(number("actual")).not.toBeNaN();
  expect(["up", "down"]).toContain(line["direction"]);
  expect(["point", "drift"]).toContain(line["channel"]);
}
