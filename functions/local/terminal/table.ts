import { type Color, paint } from "./color.ts";
import { displayWidth, escapeControls, pad, truncate } from "./text.ts";

/** A column of a table: its heading, where its cells stand, how far it may shrink, and whether a narrow terminal may do without it. */
export interface Column {
  title: string;
  /** Numbers stand right. */
  align?: "left" | "right";
  /** Columns it keeps when the terminal is narrow; default 6 for text, its full width for numbers. */
  minWidth?: number;
  /** Never wider than this. */
  maxWidth?: number;
  /** Names and keys that people copy: never cut. */
  whole?: true;
  /** Left out where the table would not fit otherwise; 1 goes first. */
  leaveOut?: number;
}

/** A cell: text, which may come from a bill and is escaped here, with a colour. */
export type Cell = string | { text: string; color: Color };

export interface TableOptions {
  /** Columns of the terminal. */
  width: number;
  /** Colours are the caller's decision (a terminal without NO_COLOR). */
  color: boolean;
}

const GAP = "  ";

/** An aligned table with a heading line; cells that do not fit end with `…`. Ends with a newline. */
export function renderTable(
  given: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions,
): string {
  const cells = rows.map((row) => given.map((_, index) => cellOf(row[index])));
  const kept = fittingColumns(given, cells, options.width);
  const columns = kept.flatMap((index) => given[index] ?? []);
  const body = cells.map((row) => kept.flatMap((index) => row[index] ?? []));
  const widths = fitWidths(columns, body, options.width);
  const line = (cells: readonly { text: string; color?: Color }[]) =>
    cells
      .map(({ text, color }, index) => {
        const width = widths[index] ?? 0;
        const shown = truncate(text, width);
        const align = columns[index]?.align ?? "left";
        const last = index === columns.length - 1 && align === "left";
        return surround(last ? shown : pad(shown, width, align), shown, color, options.color);
      })
      .join(GAP)
      .trimEnd();
  const heading = line(columns.map((column) => ({ text: column.title, color: "bold" as const })));
  return `${[heading, ...body.map(line)].join("\n")}\n`;
}

/** Colours the text and not the blanks around it, so that trailing blanks can be cut off. */
function surround(padded: string, shown: string, color: Color | undefined, wanted: boolean): string {
  return wanted && color !== undefined ? padded.replace(shown, () => paint(shown, color, true)) : padded;
}

function cellOf(cell: Cell | undefined): { text: string; color?: Color } {
  if (cell === undefined) return { text: "" };
  return typeof cell === "string"
    ? { text: escapeControls(cell) }
    : { text: escapeControls(cell.text), color: cell.color };
}

type Body = readonly (readonly { text: string }[])[];

/** Places of the columns that stay: those that may be left out go, one by one, until the others fit at their least width. */
function fittingColumns(columns: readonly Column[], body: Body, width: number): number[] {
  const least = leastWidths(columns, naturalWidths(columns, body));
  const optional = columns
    .flatMap(({ leaveOut }, index) => (leaveOut === undefined ? [] : [{ leaveOut, index }]))
    .sort((a, b) => a.leaveOut - b.leaveOut);
  let kept = columns.map((_, index) => index);
  const needed = () => kept.reduce((sum, index) => sum + (least[index] ?? 0), 0) + GAP.length * (kept.length - 1);
  for (const { index } of optional) {
    if (needed() <= width) break;
    kept = kept.filter((other) => other !== index);
  }
  return kept;
}

function naturalWidths(columns: readonly Column[], body: Body): number[] {
  return columns.map((column, index) => {
    const widest = body.reduce(
      (most, row) => Math.max(most, displayWidth(row[index]?.text ?? "")),
      displayWidth(column.title),
    );
    return Math.min(widest, column.maxWidth ?? widest);
  });
}

function leastWidths(columns: readonly Column[], natural: readonly number[]): number[] {
  return columns.map(({ whole, minWidth, align }, index) => {
    const own = natural[index] ?? 0;
    return whole === true ? own : Math.min(own, minWidth ?? (align === "right" ? own : 6));
  });
}

/** Natural widths; where they exceed the terminal, the widest column that may still shrink gives way, one column at a time. */
function fitWidths(columns: readonly Column[], body: Body, width: number): number[] {
  const widths = naturalWidths(columns, body);
  const floor = leastWidths(columns, widths);
  let excess = widths.reduce((a, b) => a + b, 0) + GAP.length * (columns.length - 1) - width;
  while (excess > 0) {
    const index = widestShrinkable(widths, floor);
    if (index === undefined) break;
    widths[index] = (widths[index] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

function widestShrinkable(widths: readonly number[], floor: readonly number[]): number | undefined {
  let best: number | undefined;
  for (const [index, width] of widths.entries()) {
    if (width > (floor[index] ?? 0) && (best === undefined || width > (widths[best] ?? 0))) best = index;
  }
  return best;
}
