import { DAY_MS } from "../../anomalies/types.ts";

/** Weekday and place in the month of consecutive UTC days. */
export interface Calendar {
  /** 0 = Sunday. */
  weekday: Uint8Array;
  /** Day of the month; 0 for its last day, so that fees at month-ends of any length meet. */
  place: Uint8Array;
}

export const PLACES = 32;
export const LAST_OF_MONTH = 0;
/** Days beyond a series that are usually asked for. */
export const AHEAD = 62;

/** `start` in milliseconds since 1970, at the start of a UTC day. */
export function calendarOf(start: number, days: number): Calendar {
  const weekday = new Uint8Array(days);
  const place = new Uint8Array(days);
  const first = Math.floor(start / DAY_MS);
  const date = new Date(start);
  let [year, month, day] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()];
  let length = monthLength(year, month);
  for (let i = 0; i < days; i += 1) {
    // 1970-01-01 was a Thursday.
    weekday[i] = (((first + i + 4) % 7) + 7) % 7;
    place[i] = day === length ? LAST_OF_MONTH : day;
    day += 1;
    if (day <= length) continue;
    day = 1;
    month += 1;
    if (month === 12) [year, month] = [year + 1, 0];
    length = monthLength(year, month);
  }
  return { weekday, place };
}

function monthLength(year: number, month: number): number {
  return new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
}
