export type DateOrder = "DMY" | "MDY";

export type DateVerdict =
  /** `order` undefined: no slash dates at all. */
  { ok: true; order: DateOrder | undefined } | { ok: false; text: string; reason: string };

interface Told {
  text: string;
  /** `either`: both readings are dates. `iso`: nothing to decide. `neither`: no date. */
  order: DateOrder | "either" | "iso" | "neither";
}

const SLASHES = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2}| UTC)?)?$/;

/**
 * Whether `03/04/2024` is the third of April or the fourth of March, decided over every date of a delivery together: a first or second part
 * above 12 tells. `configured` wins where nothing tells, and must not be contradicted. Dates that do not exist are told as well.
 */
export function decideDateOrder(texts: readonly string[], configured: DateOrder | undefined): DateVerdict {
  const read = texts.map((text) => ({ text, order: orderOf(text) }));
  const wrong = read.find(({ order }) => order === "neither");
  if (wrong !== undefined) return fault(wrong.text, `"${wrong.text}" is not a date`);
  const dayFirst = read.find(({ order }) => order === "DMY");
  const monthFirst = read.find(({ order }) => order === "MDY");
  if (dayFirst !== undefined && monthFirst !== undefined) {
    return fault(dayFirst.text, `"${dayFirst.text}" and "${monthFirst.text}" put day and month in different order`);
  }
  return settle(dayFirst ?? monthFirst, read.find(({ order }) => order === "either")?.text, configured);
}

function settle(told: Told | undefined, ambiguous: string | undefined, configured: DateOrder | undefined): DateVerdict {
  const order = told?.order === "DMY" || told?.order === "MDY" ? told.order : undefined;
  if (told !== undefined && configured !== undefined && order !== configured) {
    return fault(told.text, `"${told.text}" is no ${configured} date, as the source's dateFormat says`);
  }
  if (ambiguous === undefined || order !== undefined || configured !== undefined) {
    return { ok: true, order: order ?? configured };
  }
  return fault(
    ambiguous,
    `"${ambiguous}" may be day/month or month/day and no other date tells; set dateFormat: MDY or DMY on the source`,
  );
}

function fault(text: string, reason: string): DateVerdict {
  return { ok: false, text, reason };
}

function orderOf(text: string): Told["order"] {
  const [, first, second, year] = SLASHES.exec(text) ?? [];
  if (first === undefined || second === undefined || year === undefined) {
    return ISO.test(text) && exists(text.slice(0, 4), text.slice(5, 7), text.slice(8, 10)) ? "iso" : "neither";
  }
  const monthFirst = exists(year, first, second);
  const dayFirst = exists(year, second, first);
  if (monthFirst && dayFirst) return Number(first) === Number(second) ? "iso" : "either";
  if (monthFirst) return "MDY";
  return dayFirst ? "DMY" : "neither";
}

function exists(year: string, month: string, day: string): boolean {
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}
