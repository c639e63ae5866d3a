import { escapeControls } from "./text.ts";

const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
const FORMULA = /^[=+\-@\t\r]/;
/** Everything that could drive a terminal; tabs and line ends belong into cells. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/**
 * CSV by RFC 4180 (CRLF, quotes doubled). A text that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`, tab or
 * CR) gets a leading apostrophe, other control characters become visible escapes; numbers, negative ones too, stay as they are. `null` is an empty field.
 */
export function renderCsv(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  const lines = [columns, ...rows].map((row) => row.map((cell) => field(cell ?? "")).join(","));
  return lines.map((line) => `${line}\r\n`).join("");
}

function field(cell: string): string {
  const shown = cell.replace(CONTROLS, escapeControls);
  const safe = FORMULA.test(shown) && !NUMBER.test(shown) ? `'${shown}` : shown;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
