export type DateOrder = "DMY" | "MDY";

export type DateVerdict =
  /** `order` undefined: no slash dates at all. */
  | { ok: true; order: DateOrder | undefined }
  | { ok: false; text: string; reason: string };

const SLASHES = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/;
const ISO = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2}| UTC)?)?$/;

/**
 * Whether `03/04/2024` is the third of April or the fourth of March, decided over every date of a delivery together: a first or second part
 * above 12 tells. `configured` wins where nothing tells, and must not be contradicted. Dates that do not exist are told as well.
 */
export function decideDateOrder(texts: readonly string[], configured: DateOrder | undefined): DateVerdict {
  let told: { order: DateOrder; text: string } | undefined;
  let ambiguous: string | undefined;
  for (const text of texts) {
    const order = orderOf(text);
    if (order === "neither") return { ok: false, text, reason: `"${text}" is not a date` };
    if (order === "either") ambiguous ??= text;
    if (order !== "DMY" && order !== "MDY") continue;
    if (told !== undefined && told.order !== order) {
      return { ok: false, text, reason: `"${text}" and "${told.text}" put day and month in different order` };
    }
    told = { order, text };
  }
  if (told !== undefined && configured !== undefined && told.order !== configured) {
    return { ok: false, text: told.text, reason: `"${told.text}" is no ${configured} date, as the source's dateFormat says` };
  }
  const order = told?.order ?? configured;
  if (ambiguous === undefined || order !== undefined) return { ok: true, order };
  return {
    ok: false,
    text: ambiguous,
    reason: `"${ambiguous}" may be day/month or month/day and no other date tells; set dateFormat: MDY or DMY on the source`,
  };
}

function orderOf(text: string): DateOrder | "either" | "iso" | "neither" {
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
