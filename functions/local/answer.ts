import type { Format, Output } from "./output.ts";
import { renderCsv } from "./terminal/csv.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface Answer {
  /** The whole answer: what `--format json` prints. */
  document: unknown;
  /** The same as records: the lines of `--format csv`. */
  records: readonly object[];
  /** For people. */
  print(): void;
}

/** Prints a command's answer in the wanted form; JSON and CSV have stdout for themselves. */
export function answer(out: Output, format: Format, { document, records, print }: Answer): void {
  if (format === "json") out.json(document);
  else if (format === "csv") out.raw(recordsCsv(records));
  else print();
}

/** One line per record; nested fields are columns with a dot (`period.start`), lists are JSON. No records: nothing at all. */
export function recordsCsv(records: readonly object[]): string {
  const lines = records.map((record) => new Map(flatten(record as Fields, "")));
  const columns = [...new Set(lines.flatMap((line) => [...line.keys()]))];
  if (columns.length === 0) return "";
  return renderCsv(
    columns,
    lines.map((line) => columns.map((column) => line.get(column) ?? null)),
  );
}

function flatten(fields: Fields, prefix: string): [string, string | null][] {
  return Object.entries(fields).flatMap(([name, value]): [string, string | null][] => {
    const column = `${prefix}${name}`;
    if (value === undefined || value === null) return [[column, null]];
    if (Array.isArray(value)) return [[column, JSON.stringify(value)]];
    if (typeof value === "object") return flatten(value as Fields, `${column}.`);
    return [[column, String(value)]];
  });
}
