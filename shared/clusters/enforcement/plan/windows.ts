import type { TimeWindow } from "../../../config/types.ts";

/** As `Intl` names them in English, Sunday first. */
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;
const WEEKDAYS: readonly string[] = DAYS;

/** Is something allowed now? Without windows always. */
export function isInWindow(windows: readonly TimeWindow[], now: Date): boolean {
  return windows.length === 0 || windows.some((window) => contains(window, now));
}

/** `mon, tue 09:00–17:00 Europe/Berlin` */
export function windowsText(windows: readonly TimeWindow[]): string {
  return windows.map(({ days, from, to, zone }) => `${days.join(", ")} ${from}–${to} ${zone}`).join("; ");
}

/** A window over midnight belongs to the day on which it opens. Equal ends are a whole day. */
function contains({ days, from, to, zone }: TimeWindow, now: Date): boolean {
  const { day, time } = localTime(now, zone);
  const opensToday = days.some((each) => each === DAYS[day]);
  const openedYesterday = days.some((each) => each === DAYS[(day + 6) % 7]);
  if (from < to) return opensToday && time >= from && time < to;
  return (opensToday && time >= from) || (openedYesterday && time < to);
}

function localTime(now: Date, zone: string): { day: number; time: string } {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(now);
  const part = (type: Intl.DateTimeFormatPartTypes) => parts.find((each) => each.type === type)?.value ?? "";
  const weekday = part("weekday").toLowerCase();
  return { day: WEEKDAYS.indexOf(weekday), time: `${part("hour")}:${part("minute")}` };
}
