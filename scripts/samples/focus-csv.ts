import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

/** The 57 columns of FOCUS 1.2 in alphabetical order, as the clouds' native exports have them. */
export const FOCUS_1_2_COLUMNS: readonly string[] = columns();

export type FocusRow = Readonly<Record<string, string>>;

function columns(): string[] {
  const path = new URL("../../shared/ingestion/focus/columns.json", import.meta.url);
  const known = JSON.parse(readFileSync(path, "utf8")) as { name: string; introducedIn: string }[];
  const kept = known
    .filter((column) => Number(column.introducedIn.replace(/-.*/, "")) <= 1.2)
    .map((column) => column.name);
  return [...kept, "ProviderName", "PublisherName"].sort();
}

/** CSV with every FOCUS 1.2 column; a missing cell is null. A column that FOCUS 1.2 does not know is a mistake of the generator. */
export function focusCsv(rows: readonly FocusRow[]): string {
  const known = new Set(FOCUS_1_2_COLUMNS);
  const lines = rows.map((row) => {
    const stranger = Object.keys(row).find((name) => !known.has(name));
    if (stranger !== undefined) throw new Error(`not a FOCUS 1.2 column: ${stranger}`);
    return FOCUS_1_2_COLUMNS.map((name) => quote(row[name] ?? "")).join(",");
  });
  return `${[FOCUS_1_2_COLUMNS.join(","), ...lines].join("\n")}\n`;
}

function quote(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}

/** Gzip without a time and without the name of the system, so that equal text gives equal bytes. */
export function stableGzip(text: string): Uint8Array {
  const bytes = gzipSync(text, { level: 9 });
  bytes.fill(0, 4, 8);
  bytes[9] = 255;
  return bytes;
}
