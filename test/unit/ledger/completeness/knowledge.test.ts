import { describe, expect, it } from "vitest";
import {
  type DailySums,
  type Knowledge,
  seriesName,
  withVersion,
} from "../../../../shared/ledger/completeness/knowledge.ts";

const EC2 = seriesName({ provider: "aws", service: "Amazon EC2", currency: "USD" });
const sums = (days: Record<string, string>, name = EC2): DailySums => new Map([[name, new Map(Object.entries(days))]]);

/** Versions one after the other, of September 2026. */
function record(...versions: [string, DailySums][]): Knowledge | undefined {
  return versions.reduce<Knowledge | undefined>(
    (before, [committedAt, told]) => withVersion(before, "2026-09", committedAt, told),
    undefined,
  );
}

describe("what was known when", () => {
  it("writes down changes only, with the hours since the day's end", () => {
    const known = record(
      ["2026-09-11T06:00:00.000Z", sums({ "2026-09-10": "611.19" })],
      ["2026-09-12T06:00:00.000Z", sums({ "2026-09-10": "700.100", "2026-09-11": "50" })],
      ["2026-09-13T06:00:00.000Z", sums({ "2026-09-10": "700.1", "2026-09-11": "50" })],
    );
    expect(known).toEqual({
      through: "2026-09-13T06:00:00.000Z",
      series: { [EC2]: { "2026-09-10": "6:611.19 30:700.1", "2026-09-11": "6:50" } },
    });
  });

  it("keeps the last change of a quarter of a day, and a running day too", () => {
    const known = record(
      ["2026-09-10T20:00:00.000Z", sums({ "2026-09-10": "1" })],
      ["2026-09-11T06:00:00.000Z", sums({ "2026-09-10": "2" })],
      ["2026-09-11T07:00:00.001Z", sums({ "2026-09-10": "3" })],
      ["2026-09-11T11:59:00.000Z", sums({ "2026-09-10": "4" })],
      ["2026-09-15T01:00:00.000Z", sums({ "2026-09-10": "5" })],
      ["2026-09-15T23:00:00.000Z", sums({ "2026-09-10": "6" })],
    );
    expect(known?.series[EC2]).toEqual({ "2026-09-10": "-4:1 11.99:4 119:6" });
  });

  it("says nothing of days that were old, and nothing twice", () => {
    const first = record(["2026-09-30T06:00:00.000Z", sums({ "2026-09-02": "7", "2026-09-29": "8" })]);
    expect(first?.series[EC2]).toEqual({ "2026-09-29": "6:8" });
    expect(withVersion(first, "2026-09", "2026-09-30T06:00:00.000Z", sums({ "2026-09-29": "9" }))).toBe(first);
    expect(withVersion(first, "2026-09", "2026-10-20T06:00:00.000Z", sums({ "2026-09-29": "9" })).series).toEqual(
      first?.series,
    );
  });

  it("knows that what a version no longer has costs nothing, and passes over days of other months", () => {
    const other = seriesName({ provider: "aws", service: "S3", currency: "USD" });
    const known = record(
      ["2026-09-11T06:00:00.000Z", sums({ "2026-09-10": "5", "2026-08-31": "4" })],
      ["2026-09-12T06:00:00.000Z", sums({ "2026-09-11": "5" }, other)],
    );
    expect(known?.series).toEqual({ [EC2]: { "2026-09-10": "6:5 30:0" }, [other]: { "2026-09-11": "6:5" } });
  });

  it("knows that a service was not there yet on a day that the provider had", () => {
    const whole = seriesName({ provider: "aws", service: null, currency: "USD" });
    const known = record(
      ["2026-09-11T06:00:00.000Z", new Map([...sums({ "2026-09-09": "5" }), ...sums({ "2026-09-10": "6" }, whole)])],
      ["2026-09-12T06:00:00.000Z", new Map([...sums({ "2026-09-10": "5" }), ...sums({ "2026-09-10": "11" }, whole)])],
    );
    expect(known?.series[EC2]).toEqual({ "2026-09-09": "30:5 54:0", "2026-09-10": "6:0 30:5" });
  });

  it("keeps the forty most expensive services, and those it has", () => {
    const many = (size: (index: number) => number): DailySums =>
      new Map(
        Array.from({ length: 60 }, (_none, index) => [
          seriesName({ provider: "aws", service: `s${String(index).padStart(2, "0")}`, currency: "USD" }),
          new Map([["2026-09-10", String(size(index))]]),
        ]),
      );
    const whole = seriesName({ provider: "aws", service: null, currency: "USD" });
    const known = record(
      ["2026-09-11T06:00:00.000Z", many((index) => 100 - index)],
      ["2026-09-11T13:00:00.000Z", new Map([...many((index) => 1 + index), [whole, new Map([["2026-09-10", "9"]])]])],
    );
    const names = Object.keys(known?.series ?? {});
    expect(names).toHaveLength(41);
    expect(names).toContain(whole);
    expect(names.some((name) => name.includes("s39"))).toBe(true);
    expect(names.some((name) => name.includes("s40"))).toBe(false);
  });
});
