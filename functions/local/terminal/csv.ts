const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const FORMULA = /^[=+\-@\t\r]/;

/**
 * CSV by RFC 4180 (CRLF, quotes doubled). A text that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`, tab or
 * CR) gets a leading apostrophe; numbers, negative ones too, stay as they are. `null` is an empty field.
 */
export function renderCsv(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  const lines = [columns, ...rows].map((row) => row.map((cell) => field(cell ?? "")).join(","));
  return lines.map((line) => `${line}\r\n`).join("");
}

function field(cell: string): string {
  const safe = FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
