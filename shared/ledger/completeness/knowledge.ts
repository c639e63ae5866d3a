import * as z from "zod";
import { formatDecimal, parseDecimal } from "../../core/decimal.ts";
import { addDays, type Day, type Month, monthOf } from "../../core/period.ts";

/** `6:611.19 30:700.1` */
const KNOWN = /^-?[\d.]+:-?[\d.]+( -?[\d.]+:-?[\d.]+)*$/;

/**
 * `completeness/<source>/<month>.json`: what was known of each day of a billing period, and since when. Only days that changed have an
 * entry, only while they were young: what moves later is a restatement, not a delivery that was late.
 */
export const KnowledgeSchema = z.object({
  /** The commit up to which versions are in here. */
  through: z.iso.datetime(),
  /** Series (`seriesName`) → day → `6:611.19 30:700.1`: hours since the day's end, and the sum that was known from then on. */
  series: z.record(z.string().refine(isSeriesName), z.record(z.iso.date(), z.string().regex(KNOWN))),
});
export type Knowledge = z.output<typeof KnowledgeSchema>;

/** At this age a day is final for the purposes of lag. */
export const HORIZON_DAYS = 14;
const HOUR_MS = 3_600_000;

/** Services of a source that are learnt apart, the most expensive; the others behave like their provider. */
const SERVICES = 40;

export const KNOWLEDGE = "completeness/";

export function knowledgeKey(source: string, month: Month): string {
  return `${KNOWLEDGE}${source}/${month}.json`;
}

export function sourceOfKey(key: string): string {
  return key.slice(KNOWLEDGE.length).split("/")[0] ?? "";
}

export function monthOfKey(key: string): Month {
  return (key.split("/").at(-1) ?? "").replace(/\.json$/, "");
}

interface SeriesId {
  provider: string;
  /** Null: all services of the provider. */
  service: string | null;
  currency: string;
}

export function seriesName({ provider, service, currency }: SeriesId): string {
  return JSON.stringify([provider, service, currency]);
}

const Name = z.tuple([z.string(), z.string().nullable(), z.string()]);

function isSeriesName(text: string): boolean {
  try {
    return Name.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

export function parseSeriesName(name: string): SeriesId {
  const [provider, service, currency] = Name.parse(JSON.parse(name));
  return { provider, service, currency };
}

/** What a version says: sums by series and day. Amounts are decimal text. */
export type DailySums = ReadonlyMap<string, ReadonlyMap<Day, string>>;

/** From `hours` after the end of its day on, `amount` was known. */
export interface Known {
  hours: number;
  amount: string;
}

export function parseKnown(text: string): Known[] {
  return text.split(" ").map((entry) => {
    const [hours = "", amount = ""] = entry.split(":");
    return { hours: Number(hours), amount };
  });
}

export function hoursSinceEnd(day: Day, instant: string): number {
  return (Date.parse(instant) - Date.parse(`${addDays(day, 1)}T00:00:00Z`)) / HOUR_MS;
}

/**
 * The document with what a version says that was committed at `committedAt`; the same document where it is in there already. A day of a
 * series that the version does not have, though it has the day, costs nothing so far.
 */
export function withVersion(
  before: Knowledge | undefined,
  month: Month,
  committedAt: string,
  sums: DailySums,
): Knowledge {
  if (before !== undefined && before.through >= committedAt) return before;
  const series: Knowledge["series"] = { ...before?.series };
  for (const name of seriesToKeep(Object.keys(series), sums)) {
    const known = { ...series[name] };
    const told = sums.get(name);
    for (const day of new Set([...Object.keys(known), ...daysOf(sums, name)])) {
      const entries = withAmount(known[day], hoursSinceEnd(day, committedAt), told?.get(day) ?? "0");
      if (monthOf(day) === month && entries !== undefined) known[day] = entries;
    }
    if (Object.keys(known).length > 0) series[name] = known;
  }
  return { through: committedAt, series };
}

/** The days that a version has of a series' provider, whether or not it has this series on them. */
function daysOf(sums: DailySums, name: string): Set<Day> {
  const whole = sums.get(seriesName({ ...parseSeriesName(name), service: null }));
  return new Set([...(sums.get(name)?.keys() ?? []), ...(whole?.keys() ?? [])]);
}

/** All that were kept before, the providers' sums, and the most expensive services as long as there is room. */
function seriesToKeep(before: readonly string[], sums: DailySums): Set<string> {
  const kept = new Set(before);
  const isService = (name: string) => parseSeriesName(name).service !== null;
  let room = SERVICES - before.filter(isService).length;
  const size = (name: string) =>
    [...(sums.get(name)?.values() ?? [])].reduce((all, text) => all + Math.abs(Number(text)), 0);
  const told = [...sums.keys()].map((name) => ({ name, size: size(name) }));
  for (const { name } of told.sort((a, b) => b.size - a.size || (a.name < b.name ? -1 : 1))) {
    if (kept.has(name)) continue;
    if (isService(name) && room-- <= 0) continue;
    kept.add(name);
  }
  return kept;
}

/** Undefined where nothing is to be written down: unchanged, or too old to say anything about lag. */
function withAmount(before: string | undefined, hours: number, told: string): string | undefined {
  if (hours > HORIZON_DAYS * 24 || hours < -24) return before;
  const entries = before === undefined ? [] : parseKnown(before);
  const amount = formatDecimal(parseDecimal(told));
  const last = entries.at(-1);
  if (last?.amount === amount) return before;
  // Rounded up: nothing is ever known too early.
  const entry = { hours: Math.ceil(hours * 100) / 100, amount };
  const kept = last !== undefined && slotOf(last.hours) === slotOf(entry.hours) ? entries.slice(0, -1) : entries;
  return [...kept, entry].map((known) => `${known.hours}:${known.amount}`).join(" ");
}

/** Of several changes in a quarter of a day (later: in a day) the last one is enough, so a document stays small however often is collected. */
function slotOf(hours: number): number {
  return hours < 72 ? Math.floor(hours / 6) : 12 + Math.floor((hours - 72) / 24);
}
