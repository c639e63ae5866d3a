import { type Color, paint } from "./color.ts";
import { displayWidth, escapeControls, pad, truncate } from "./text.ts";

/** A column of a table: its heading, where its cells stand, and how far it may shrink. */
export interface Column {
  title: string;
  /** Numbers stand right. */
  align?: "left" | "right";
  /** Columns it keeps when the terminal is narrow; default 6 for text, its full width for numbers. */
  minWidth?: number;
  /** Never wider than this. */
  maxWidth?: number;
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
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  options: TableOptions,
): string {
  const body = rows.map((row) => columns.map((_, index) => cellOf(row[index])));
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

/** Natural widths; where they exceed the terminal, the widest column that may still shrink gives way, one column at a time. */
function fitWidths(
  columns: readonly Column[],
  body: readonly (readonly { text: string }[])[],
  width: number,
): number[] {
  const natural = columns.map((column, index) => {
    const widest = body.reduce(
      (most, row) => Math.max(most, displayWidth(row[index]?.text ?? "")),
      displayWidth(column.title),
    );
    return Math.min(widest, column.maxWidth ?? widest);
  });
  const floor = columns.map((column, index) => {
    const own = natural[index] ?? 0;
    return Math.min(own, column.minWidth ?? (column.align === "right" ? own : 6));
  });
  const widths = [...natural];
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
