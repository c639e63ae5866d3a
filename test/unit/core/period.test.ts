import { describe, expect, it } from "vitest";
import { GenOpsError } from "../../../shared/core/errors.ts";
import {
  addDays,
  addMonths,
  dayOf,
  daysBetween,
  isDay,
  isMonth,
  monthDays,
  monthOf,
  parsePeriod,
} from "../../../shared/core/period.ts";

const NOW = new Date("2024-09-15T23:59:59.999Z");

describe("parsePeriod", () => {
  it.each([
    ["2024-09", "2024-09-01", "2024-10-01", "billing"],
    ["2024-12", "2024-12-01", "2025-01-01", "billing"],
    ["2024-Q1", "2024-01-01", "2024-04-01", "billing"],
    ["2024-Q3", "2024-07-01", "2024-10-01", "billing"],
    ["2024-q4", "2024-10-01", "2025-01-01", "billing"],
    ["2024", "2024-01-01", "2025-01-01", "billing"],
    ["2024-09-01..2024-09-15", "2024-09-01", "2024-09-15", "charge"],
    ["2024-02-28..2024-02-29", "2024-02-28", "2024-02-29", "charge"],
    ["mtd", "2024-09-01", "2024-09-16", "charge"],
    ["last-7-days", "2024-09-09", "2024-09-16", "charge"],
    ["last-1-days", "2024-09-15", "2024-09-16", "charge"],
    ["last-30-days", "2024-08-17", "2024-09-16", "charge"],
  ])("reads %j as %s to %s by %s", (text, start, end, basis) => {
    expect(parsePeriod(text, NOW)).toEqual({ start, end, basis });
  });

  it.each([
    "",
    "2024-13",
    "2024-00",
    "2024-9",
    "2024-Q5",
    "2024-Q0",
    "24",
    "20240",
    "2024-09-01",
    "2024-09-01..",
    "2024-09-15..2024-09-01",
    "2024-09-01..2024-09-01",
    "2024-02-30..2024-03-02",
    "2023-02-29..2023-03-02",
    "2024-09-01...2024-09-02",
    "last-0-days",
    "last--1-days",
    "last-7-day",
    "MTD ",
    "2024-09'; DROP TABLE x",
    "9999",
    "9999-12",
    "9999-Q4",
  ])("refuses %j as a usage error that shows the forms", (text) => {
    const read = () => parsePeriod(text, NOW);
    expect(read).toThrow(GenOpsError);
    expect(read).toThrow(
      expect.objectContaining({ code: "usage", message: expect.stringMatching(/2024-Q3.*last-7-days/) }),
    );
  });

  it("keeps the first day of the month for mtd, and crosses years", () => {
    expect(parsePeriod("mtd", new Date("2024-12-31T23:00:00Z"))).toEqual({
      start: "2024-12-01",
      end: "2025-01-01",
      basis: "charge",
    });
    expect(parsePeriod("last-7-days", new Date("2024-01-02T00:00:00Z")).start).toBe("2023-12-27");
  });
});

describe("days and months", () => {
  it("knows real days only", () => {
    expect(["2024-02-29", "2000-02-29", "2024-12-31"].every(isDay)).toBe(true);
    expect(
      ["2023-02-29", "1900-02-29", "2024-02-30", "2024-13-01", "2024-1-1", "2024-09-01T00:00:00Z", ""].some(isDay),
    ).toBe(false);
  });

  it("knows months", () => {
    expect(["2024-01", "2024-12"].every(isMonth)).toBe(true);
    expect(["2024-00", "2024-13", "2024-1", "2024-01-01", "", "null"].some(isMonth)).toBe(false);
  });

  it("counts over leap days and ends of years", () => {
    expect(addDays("2024-02-28", 1)).toBe("2024-02-29");
    expect(addDays("2023-02-28", 1)).toBe("2023-03-01");
    expect(addDays("2024-01-01", -1)).toBe("2023-12-31");
    expect(addMonths("2024-12", 1)).toBe("2025-01");
    expect(addMonths("2024-01", -1)).toBe("2023-12");
    expect(addMonths("2024-01", -25)).toBe("2021-12");
    expect(daysBetween("2024-02-01", "2024-03-01")).toBe(29);
    expect(daysBetween("2024-03-01", "2024-02-01")).toBe(-29);
    expect(monthDays("2024-02")).toEqual({ start: "2024-02-01", end: "2024-03-01" });
    expect(monthOf("2024-02-29")).toBe("2024-02");
    expect(dayOf(new Date("2024-09-01T23:30:00-02:00"))).toBe("2024-09-02");
  });
});
