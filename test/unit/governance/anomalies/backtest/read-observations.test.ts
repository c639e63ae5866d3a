import { describe, expect, it } from "vitest";
import { readObservations } from "../../../../../shared/governance/anomalies/backtest/read-observations.ts";
import { bytesOf, HEADER, observationsOf } from "./support.ts";

const DAY = "2026-07-20T00:00:00Z";
const LOOK = "2026-07-21T06:00:00Z";
const row = (series: string, cost: string, { charge = DAY, observed = LOOK } = {}) =>
  `${series},${charge},${observed},${cost}`;

const read = (text: string, size?: number) => readObservations(bytesOf(text, size), "obs.csv");
const read1 = async (line: string) => {
  const { names, chargeTime, observedAt, cost } = await observationsOf([line]);
  const iso = (time: number | undefined) => new Date(time ?? Number.NaN).toISOString();
  return { series: names[0], charge: iso(chargeTime[0]), observed: iso(observedAt[0]), cost: cost[0] };
};

describe("observations", () => {
  it("come out by the time they were observed, then by series, then by period, whatever their order in the file", async () => {
    const rows = [
      "b,2026-07-20T00:00:00Z,2026-07-22T06:00:00Z,5",
      "b,2026-07-20T00:00:00Z,2026-07-21T06:00:00Z,4",
      "a,2026-07-20T00:00:00Z,2026-07-22T06:00:00Z,3",
      "a,2026-07-19T00:00:00Z,2026-07-22T06:00:00Z,2",
      "a,2026-07-19T00:00:00Z,2026-07-20T06:00:00Z,1",
    ];
    const forward = await observationsOf(rows);
    expect([...forward.cost]).toEqual([1, 4, 2, 3, 5]);
    expect(forward.names).toEqual(["a", "b"]);
    expect([...forward.series]).toEqual([0, 1, 0, 0, 1]);
    expect([...forward.line]).toEqual([6, 3, 5, 4, 2]);
    const backward = await observationsOf(rows.toReversed());
    expect({ ...backward, line: [] }).toEqual({ ...forward, line: [] });
  });

  it("are read with BOM, CRLF, blank lines, quotes, columns in another order and in pieces of any size", async () => {
    const text = `\uFEFFcost,series,observed_at,charge_time\r\n\r\n1e2,"eu, ""west""\nü",${LOOK},${DAY}\r\n  \r\n-.5,x,${LOOK},${DAY}`;
    for (const size of [1, 3, 1000]) {
      const { names, cost, line } = await read(text, size);
      expect(names).toEqual(['eu, "west"\nü', "x"]);
      expect([...cost]).toEqual([100, -0.5]);
      expect([...line]).toEqual([3, 6]);
    }
  });

  it("grow without limit", async () => {
    const { cost } = await observationsOf(Array.from({ length: 5000 }, (_none, index) => row(`s${index}`, `${index}`)));
    expect(cost).toHaveLength(5000);
    expect(cost.reduce((sum, value) => sum + value)).toBe((4999 * 5000) / 2);
  });

  it("may be none", async () => {
    expect((await read(`${HEADER}\n`)).cost).toHaveLength(0);
    expect((await read(HEADER)).names).toEqual([]);
  });

  it("count once when they stand twice", async () => {
    const { cost, line } = await observationsOf([row("a", "1"), row("b", "1"), row("a", "1.0")]);
    expect([...cost]).toEqual([1, 1, 1]);
    expect([...line]).toEqual([2, 4, 3]);
  });

  it.each([
    ["2026-07-20", "2026-07-20T00:00:00.000Z"],
    ["2026-07-20T01:02", "2026-07-20T01:02:00.000Z"],
    ["2026-07-20 01:02:03", "2026-07-20T01:02:03.000Z"],
    ["2026-07-20t01:02:03.25z", "2026-07-20T01:02:03.250Z"],
    ["2026-07-20T01:02:03.999999999Z", "2026-07-20T01:02:03.999Z"],
    ["2026-07-20T01:02:03+02:00", "2026-07-19T23:02:03.000Z"],
    ["2026-07-20T01:02:03-0230", "2026-07-20T03:32:03.000Z"],
    [" 2026-07-20T00:00:00Z ", "2026-07-20T00:00:00.000Z"],
  ])("have the charge time %j, in UTC where it says nothing", async (charge, expected) => {
    expect((await read1(row("a", "1", { charge }))).charge).toBe(expected);
  });

  it.each([
    ["0", 0],
    ["-0", 0],
    ["+1.5", 1.5],
    ["1.", 1],
    [" 7 ", 7],
    ["1E-9", 1e-9],
    ["9999999999999999999.5", 1e19],
  ])("have the cost %j", async (text, cost) => {
    expect((await read1(row("a", text))).cost).toBe(cost);
  });
});

describe("a file that cannot be replayed", () => {
  it.each([
    ["nothing", "", "the file is empty; it must begin with the header series,charge_time,observed_at,cost", "line 1"],
    ["blank lines", "\n \n", "the file is empty", "line 1"],
    ["a missing column", "series,charge_time,cost\n", "expected the header", "line 1, column observed_at"],
    ["an unknown column", `${HEADER},note\n`, "expected the header", "line 1, column note"],
    ["a column twice", `${HEADER},cost\n`, "expected the header", "line 1, column cost"],
    ["no header", `${row("a", "1")}\n`, "expected the header", "line 1, column series"],
    ["too few values", `${HEADER}\na,${DAY},1\n`, "expected 4 values, found 3", "line 2"],
    ["too many values", `${HEADER}\n\n${row("a", "1,5")}\n`, "expected 4 values, found 5", "line 3"],
    ["no name", `${HEADER}\n${row("", "1")}\n`, "expected a name", "line 2, column series"],
    ["no cost", `${HEADER}\n${row("a", "")}\n`, 'expected a number below 1e20, found ""', "line 2, column cost"],
    ["an open quote", `${HEADER}\n${row("a", "1")}\n"b,1\n${row("c", "1")}\n`, "a quote is not closed", "line 3"],
    [
      "a long open quote",
      `${HEADER}\n"${"b\n".repeat(60_000)}`,
      "too long for an observation; is a quote open?",
      "line 2",
    ],
    ["an endless line", "x".repeat(210_000), "too long for an observation", "line 1"],
  ])("%s", async (_what, text, message, place) => {
    await expect(read(text, 100_000)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(message) as string,
    });
    await expect(read(text, 100_000)).rejects.toThrow(`(file obs.csv, ${place})`);
  });

  it.each(["NaN", "inf", "-Infinity", "1e400", "1e20", "0x10", "1_000", "1,5".replace(",", " "), "--1", "."])(
    "the cost %s",
    async (cost) => {
      await expect(observationsOf([row("a", cost)])).rejects.toThrow("(file obs.csv, line 2, column cost)");
    },
  );

  it.each([
    "yesterday",
    "2026-02-30T00:00:00Z",
    "2026-07-20T24:00:00Z",
    "2026-07-20T00:60:00Z",
    "20260720",
    "2026-13-01",
  ])("the time %s", async (charge) => {
    const broken = observationsOf([row("a", "1"), row("a", "1", { charge })]);
    await expect(broken).rejects.toThrow(`found "${charge}" (file obs.csv, line 3, column charge_time)`);
  });

  it("a cost that is known before its period begins", async () => {
    const early = observationsOf([row("a", "1", { observed: "2026-07-19T23:59:59Z" })]);
    await expect(early).rejects.toThrow("not before charge_time");
    expect((await read1(row("a", "1", { observed: DAY }))).observed).toBe("2026-07-20T00:00:00.000Z");
  });

  it("bytes that are no text", async () => {
    async function* bytes() {
      yield new TextEncoder().encode(`${HEADER}\na,`);
      yield Uint8Array.of(0xff, 0xfe);
    }
    await expect(readObservations(bytes(), "obs.csv")).rejects.toThrow("not UTF-8 text (file obs.csv, line 2)");
    async function* half() {
      yield Uint8Array.of(0xc3);
    }
    await expect(readObservations(half(), "obs.csv")).rejects.toThrow("not UTF-8 text (file obs.csv, line 1)");
  });
});

describe("two costs of one period at one instant", () => {
  it.each([
    ["the larger first", [row("a", "2"), row("b", "1"), row("a", "1")]],
    ["the larger last", [row("a", "1"), row("b", "1"), row("a", "2")]],
  ])("count as the larger one, and are told: %s", async (_order, rows) => {
    const told: string[] = [];
    const text = [HEADER, ...rows, ""].join("\n");
    const { cost } = await readObservations(bytesOf(text, 1000), "obs.csv", (message) => told.push(message));
    expect([...cost]).toEqual([2, 2, 1]);
    expect(told).toEqual([
      'obs.csv has different costs for the same charge_time and observed_at once; the largest counts (first: series "a", lines 2, 4)',
    ]);
  });

  it("are counted", async () => {
    const told: string[] = [];
    const rows = ["1", "2"].flatMap((cost) => [row("a", cost), row("b", cost)]);
    await readObservations(bytesOf([HEADER, ...rows].join("\n"), 1000), "obs.csv", (message) => told.push(message));
    expect(told[0]).toContain('observed_at 2 times; the largest counts (first: series "a", lines 2, 4)');
  });
});
