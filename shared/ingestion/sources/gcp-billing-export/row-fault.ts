import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { tryParseDecimal } from "../../../core/decimal.ts";
import { messageOf } from "../../../core/errors.ts";
import type { StagedFile } from "../../input/staged-file.ts";
import { COST_TYPES, LISTS, RECORDS } from "./fields.ts";

/** What is wrong with a row, and where. */
export interface RowFault {
  message: string;
  line?: number;
  row?: number;
  column?: string;
}

type Check = (value: unknown) => Omit<RowFault, "line" | "row"> | undefined;

/** The first row of a JSON file that is no JSON or that `check` objects to. Slow and exact: only used once something is known to be wrong. */
export async function findRow(file: StagedFile, check: Check): Promise<RowFault | undefined> {
  return file.kind === "json-array" ? findElement(file, check) : findLine(file, check);
}

async function findLine(file: StagedFile, check: Check): Promise<RowFault | undefined> {
  const lines = createInterface({
    input: createReadStream(file.readPath, "utf8"),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let line = 0;
  try {
    for await (const text of lines) {
      line++;
      const clean = text.replace(/^\uFEFF/, "").trim();
      if (clean === "") continue;
      const fault = faultOf(clean, check);
      if (fault !== undefined) return { ...fault, line };
    }
    return undefined;
  } finally {
    lines.close();
  }
}

function faultOf(text: string, check: Check): Omit<RowFault, "line" | "row"> | undefined {
  try {
    return check(JSON.parse(text));
  } catch (error) {
    return { message: notJson(text, error) };
  }
}

async function findElement(file: StagedFile, check: Check): Promise<RowFault | undefined> {
  const text = (await readFile(file.readPath, "utf8")).replace(/^\uFEFF/, "");
  let rows: unknown;
  try {
    rows = JSON.parse(text);
  } catch (error) {
    const line = /line (\d+)/.exec(messageOf(error))?.[1];
    return { message: notJson(text, error), ...(line === undefined ? {} : { line: Number(line) }) };
  }
  const values: readonly unknown[] = Array.isArray(rows) ? rows : [rows];
  for (const [index, value] of values.entries()) {
    const fault = check(value);
    if (fault !== undefined) return { ...fault, row: index + 1 };
  }
  return undefined;
}

function notJson(text: string, error: unknown): string {
  const python = /[[{,]\s*'|:\s*(None|True|False)\b/.test(text);
  return python
    ? "is not JSON but Python's notation ('name': None); export the rows as JSON"
    : `is not JSON: ${messageOf(error).slice(0, 120)}`;
}

/** Why a value is no row of a billing export. */
export function rowFault(row: unknown): Omit<RowFault, "line" | "row"> | undefined {
  if (!isRecord(row)) return { message: "is not a JSON object" };
  for (const name of RECORDS) {
    if (!isRecord(row[name] ?? {})) return shapeFault(name, "record", row[name]);
  }
  for (const { path } of Object.values(LISTS)) {
    const value = at(row, path) ?? [];
    if (!Array.isArray(value) || value.some((item) => !isRecord(item)))
      return shapeFault(path.join("."), "list of records", value);
  }
  return wordFault(row);
}

function wordFault(row: Record<string, unknown>): Omit<RowFault, "line" | "row"> | undefined {
  const costType = row["cost_type"];
  if (!COST_TYPES.includes(String(costType))) {
    return { message: `unknown cost_type ${JSON.stringify(costType ?? null)} (GCP-1)`, column: "cost_type" };
  }
  const month = at(row, ["invoice", "month"]) ?? "202401";
  if (!/^\d{4}(0[1-9]|1[0-2])$/.test(String(month))) {
    return { message: `${JSON.stringify(month)} is no invoice month (202409)`, column: "invoice.month" };
  }
  const credits = at(row, ["credits"]);
  const amounts = Array.isArray(credits)
    ? credits.map((credit: unknown) => (isRecord(credit) ? credit["amount"] : null))
    : [];
  const odd = amounts.find(
    (amount) => amount !== null && amount !== undefined && tryParseDecimal(String(amount)) === undefined,
  );
  return odd === undefined ? undefined : { message: `not a number: ${JSON.stringify(odd)}`, column: "credits.amount" };
}

function shapeFault(column: string, wanted: string, value: unknown): Omit<RowFault, "line" | "row"> {
  const python =
    typeof value === "string" && /'|None/.test(value) ? "; it looks like a Python-style array in a text" : "";
  return { message: `${column} is not a ${wanted}${python}`, column };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function at(row: Record<string, unknown>, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (isRecord(value) ? value[name] : undefined), row);
}
