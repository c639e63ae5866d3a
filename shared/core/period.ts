import { GenOpsError } from "./errors.ts";

/** A UTC calendar day, `2024-09-01`. Days compare as text. */
export type Day = string;
/** A billing period: a UTC calendar month, `2024-09` (`reference/focus.md` X-2, GCP-7). */
export type Month = string;

/** A stretch of days, the end exclusive; `basis` says which column selects rows. */
export interface Period {
  start: Day;
  end: Day;
  /** `billing`: BillingPeriodStart (months, quarters, years); `charge`: ChargePeriodStart in UTC (ranges of days). */
  basis: "billing" | "charge";
}

const MONTH = /^(\d{4})-(0[1-9]|1[0-2])$/;
const QUARTER = /^(\d{4})-Q([1-4])$/i;
const YEAR = /^(\d{4})$/;
const RANGE = /^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})$/;
const LAST_DAYS = /^last-(\d{1,4})-days$/;

export function isMonth(text: string): boolean {
  return MONTH.test(text);
}

export function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && dayOf(new Date(text)) === text;
}

/**
 * Reads `2024-09`, `2024-Q3`, `2024`, `2024-09-01..2024-09-15` (end exclusive), `mtd`, `last-7-days` (the seven days that end with
 * today, UTC). Anything else throws a `usage` error.
 */
export function parsePeriod(text: string, now: Date): Period {
  const calendar = parseCalendar(text);
  // Days compare as text, which ends with the year 9999.
  if (calendar !== undefined && isDay(calendar.end)) return calendar;
  const today = dayOf(now);
  if (text === "mtd") return { start: `${today.slice(0, 7)}-01`, end: addDays(today, 1), basis: "charge" };
  const last = LAST_DAYS.exec(text);
  if (last !== null && Number(last[1]) > 0) {
    return { start: addDays(today, 1 - Number(last[1])), end: addDays(today, 1), basis: "charge" };
  }
  const range = RANGE.exec(text);
  if (range?.[1] !== undefined && range[2] !== undefined && isDay(range[1]) && isDay(range[2]) && range[1] < range[2]) {
    return { start: range[1], end: range[2], basis: "charge" };
  }
  throw new GenOpsError(
    "usage",
    `not a period: "${text}"; use 2024-09, 2024-Q3, 2024, 2024-09-01..2024-09-15, mtd or last-7-days`,
  );
}

function parseCalendar(text: string): Period | undefined {
  if (MONTH.test(text)) return { ...monthDays(text), basis: "billing" };
  const quarter = QUARTER.exec(text);
  if (quarter !== null) {
    const first = `${quarter[1]}-${String(Number(quarter[2]) * 3 - 2).padStart(2, "0")}`;
    return { start: `${first}-01`, end: `${addMonths(first, 3)}-01`, basis: "billing" };
  }
  const year = YEAR.exec(text);
  if (year !== null) return { start: `${text}-01-01`, end: `${Number(text) + 1}-01-01`, basis: "billing" };
  return undefined;
}

/** First day and exclusive end of a month. */
export function monthDays(month: Month): { start: Day; end: Day } {
  return { start: `${month}-01`, end: `${addMonths(month, 1)}-01` };
}

export function monthOf(day: Day): Month {
  return day.slice(0, 7);
}

export function addMonths(month: Month, count: number): Month {
  const index = Number(month.slice(0, 4)) * 12 + Number(month.slice(5, 7)) - 1 + count;
  return `${String(Math.floor(index / 12)).padStart(4, "0")}-${String((index % 12) + 1).padStart(2, "0")}`;
}

export function dayOf(instant: Date): Day {
  return instant.toISOString().slice(0, 10);
}

export function addDays(day: Day, count: number): Day {
  return dayOf(new Date(Date.parse(`${day}T00:00:00Z`) + count * 86_400_000));
}

/** Number of days from `start` to `end`, the end not counted. */
export function daysBetween(start: Day, end: Day): number {
  return Math.round((Date.parse(`${end}T00:00:00Z`) - Date.parse(`${start}T00:00:00Z`)) / 86_400_000);
}
