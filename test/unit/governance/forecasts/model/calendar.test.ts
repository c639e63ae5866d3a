import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../../../shared/governance/anomalies/types.ts";
import { calendarOf, LAST_OF_MONTH } from "../../../../../shared/governance/forecasts/model/calendar.ts";

describe("calendarOf", () => {
  it.each(["2023-12-20", "2024-02-25", "1969-12-25", "2100-02-20"])("agrees with dates from %s on", (first) => {
    const start = Date.parse(first);
    const { weekday, place } = calendarOf(start, 500);
    for (let i = 0; i < 500; i += 1) {
      const date = new Date(start + i * DAY_MS);
      const isLast = new Date(start + (i + 1) * DAY_MS).getUTCDate() === 1;
      expect([weekday[i], place[i]]).toEqual([date.getUTCDay(), isLast ? LAST_OF_MONTH : date.getUTCDate()]);
    }
  });
});
