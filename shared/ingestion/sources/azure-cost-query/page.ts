import * as z from "zod";
import { tryParseDecimal } from "../../../core/decimal.ts";
import { canonicalJson } from "../../../core/json.ts";
import { addDays, type Day, isDay } from "../../../core/period.ts";
import type { CostQueryPage, CostQueryRequest } from "../../../ports/billing-apis.ts";
import type { BillLine, Keys } from "../../paged/bill-lines.ts";
import { columnOf } from "./group-key.ts";

/** A row that was read: the numbers of JSON as their shortest decimal text. */
const RowSchema = z.object({
  day: z.string(),
  amount: z.string(),
  unit: z.string().nullable(),
  values: z.array(z.string().nullable()),
});
export type QueryRow = z.infer<typeof RowSchema>;

/** A page as it is kept. */
export const PageSchema = z.object({ rows: z.array(RowSchema), nextLink: z.string().optional() });
export type Page = z.infer<typeof PageSchema>;

const COST_COLUMNS = ["totalcost", "cost", "pretaxcost"];

export interface Asked extends Pick<CostQueryRequest, "from" | "to"> {
  keys: readonly string[];
}

/** Reads an answer, its columns by name: their order follows the query, and further ones may come. */
export function parsePage(answer: CostQueryPage, asked: Asked): { page: Page } | { problem: string } {
  const names = answer.columns.map(({ name }) => name.toLowerCase());
  const places = {
    cost: names.findIndex((name) => COST_COLUMNS.includes(name)),
    day: names.indexOf("usagedate"),
    unit: names.indexOf("currency"),
    values: asked.keys.map((key) => names.indexOf(columnOf(key))),
  };
  const missing = [
    ...(places.cost < 0 ? ["Cost"] : []),
    ...(places.day < 0 ? ["UsageDate"] : []),
    ...asked.keys.filter((_, index) => (places.values[index] ?? -1) < 0),
  ];
  if (missing.length > 0) return { problem: `no column ${missing.join(", ")} among ${names.join(", ")}` };
  const rows: QueryRow[] = [];
  for (const [index, cells] of answer.rows.entries()) {
    const row = parseRow(cells, places, asked);
    if (typeof row === "string") return { problem: `row ${index + 1}: ${row}` };
    rows.push(row);
  }
  return { page: { rows, ...(answer.nextLink === undefined ? {} : { nextLink: answer.nextLink }) } };
}

interface Places {
  cost: number;
  day: number;
  unit: number;
  values: number[];
}

/** A sentence where the row cannot be understood. */
function parseRow(cells: readonly unknown[], places: Places, { from, to }: Asked): QueryRow | string {
  const amount = textOf(cells[places.cost]);
  if (amount === null || tryParseDecimal(amount) === undefined)
    return `no amount: ${JSON.stringify(cells[places.cost])}`;
  const day = dayOfCell(cells[places.day]);
  if (day === undefined) return `no day: ${JSON.stringify(cells[places.day])}`;
  if (day < from || day > to) return `asked for ${from} to ${to}, got ${day}`;
  const unit = textOf(cells[places.unit]);
  return { day, amount, unit: unit === "" ? null : unit, values: places.values.map((place) => textOf(cells[place])) };
}

function textOf(cell: unknown): string | null {
  return cell === null || cell === undefined ? null : String(cell);
}

/** `20240901`, `2024-09-01` or `2024-09-01T00:00:00`. */
function dayOfCell(cell: unknown): Day | undefined {
  const text = textOf(cell) ?? "";
  const digits = /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  const day = digits === null ? text.slice(0, 10) : digits.slice(1).join("-");
  return isDay(day) ? day : undefined;
}

export interface LinesOf {
  measure: CostQueryRequest["type"];
  level: BillLine["level"];
  groupBy: readonly string[];
  /** What a slice was asked for. */
  where: Keys;
  payer: string;
}

/**
 * The amounts of one query's pages. A grouped answer has a group once, so a row that a later page brings again, letter by letter, is the
 * same money again: pages overlap when data arrives between them.
 */
export function pageLines(pages: readonly Page[], linesOf: LinesOf): { lines: BillLine[]; repeated: number } {
  const earlier = new Set<string>();
  const lines: BillLine[] = [];
  let repeated = 0;
  for (const { rows } of pages) {
    const texts = rows.map((row) => canonicalJson(row));
    for (const [index, row] of rows.entries()) {
      if (earlier.has(texts[index] ?? "")) repeated++;
      else lines.push(lineOf(row, linesOf));
    }
    for (const text of texts) earlier.add(text);
  }
  return { lines, repeated };
}

function lineOf({ day, amount, unit, values }: QueryRow, { measure, level, groupBy, where, payer }: LinesOf): BillLine {
  const keys = { ...where, ...Object.fromEntries(groupBy.map((key, index) => [key, values[index] ?? null])) };
  return {
    level,
    base: level === "base" ? keys : where,
    keys,
    day,
    dayEnd: addDays(day, 1),
    measure,
    amount,
    unit,
    payer,
  };
}
