import { atPlace, GenOpsError, type Place } from "../../core/errors.ts";
import type { StagedFile } from "../../ingestion/input/staged-file.ts";
import type { Bill } from "../../ingestion/sources/bill.ts";
import { type SqlEngine, sqlName, sqlText } from "../../ports/sql-engine.ts";

export interface ReadingOf {
  engine: SqlEngine;
  source: string;
  files: readonly StagedFile[];
  bill: Pick<Bill, "parsedColumns"> | undefined;
}

const BAD_VALUE = [
  /not a number: ("(?:[^"\\]|\\.)*")/,
  /Could not convert string ("[\s\S]*?") to/,
  /(?:field format|out of range|timestamp): ("[\s\S]*?")/,
];

/**
 * Turns what the engine says about a bill into a refusal that names source, file, row and column. Other errors pass unchanged.
 * Slow path: the bill is searched once more for the value that was not understood.
 */
export async function explainRefusal(error: unknown, reading: ReadingOf): Promise<unknown> {
  if (!(error instanceof GenOpsError)) return error;
  if (error.code !== "internal") return error.code === "refused" ? atPlace(error, { source: reading.source }) : error;
  if (error.message.includes("CSV Parser state machine reached an invalid state")) {
    return new GenOpsError("refused", "is not valid CSV: its line ends change from row to row", {
      place: onlyFile(reading),
      cause: error,
    });
  }
  const csv = csvRefusal(error, reading);
  if (csv !== undefined) return csv;
  const value = BAD_VALUE.map((pattern) => pattern.exec(error.message)?.[1]).find((text) => text !== undefined);
  if (value === undefined) return error;
  const text = unquote(value);
  const place = await findValue(reading.engine, text, reading.files, parsedColumns(reading)).catch(() => ({}));
  const hint = /^\s*\d{1,2}\/\d{1,2}\/\d{2,4}/.test(text)
    ? "; say with dateFormat: DMY or MDY how the source writes dates"
    : "";
  return new GenOpsError("refused", `cannot be understood: ${JSON.stringify(text)}${hint}`, {
    place: { source: reading.source, ...place },
    cause: error,
  });
}

function csvRefusal(error: GenOpsError, reading: ReadingOf): GenOpsError | undefined {
  const line = /CSV Error on Line: (\d+)/.exec(error.message)?.[1];
  if (line === undefined) return undefined;
  const path = /file ?= ?(.+)/.exec(error.message)?.[1]?.trim();
  const file = nameOf(path, reading.files);
  const counts = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(error.message);
  const what = error.message.includes("unterminated quote")
    ? "a quote is never closed"
    : counts !== null
      ? `a row has ${counts[2]} fields instead of ${counts[1]}`
      : (error.message.split("\n").find((text) => text !== "" && !/^(CSV Error|Original Line)/.test(text)) ??
        "is not valid CSV");
  const place: Place = {
    source: reading.source,
    line: Number(line),
    row: Number(line) - 1,
    ...(file === undefined ? {} : { file }),
  };
  return new GenOpsError("refused", what, { place, cause: error });
}

function parsedColumns({ bill }: ReadingOf): { name: string; sql: string }[] {
  return (bill?.parsedColumns ?? []).map((name) => ({ name, sql: sqlName(name) }));
}

/**
 * Where a value stands in the view `bill`: the first of `columns` and the first file that has it. Row numbers count data rows of the file
 * from 1.
 */
export async function findValue(
  engine: SqlEngine,
  text: string | null,
  files: readonly StagedFile[],
  columns: readonly { name: string; sql: string }[],
): Promise<Place> {
  for (const { name: column, sql } of columns) {
    for (const file of files) {
      const [row] = await engine.query(
        `SELECT min(n) AS n FROM (SELECT row_number() OVER () AS n, ${sql} AS value FROM bill WHERE source_file = ${sqlText(file.readPath)})
         WHERE ${text === null ? "value IS NULL" : "trim(value) = trim($1)"}`,
        text === null ? [] : [text],
      );
      if (row?.["n"] !== null && row !== undefined) return { file: file.name, row: Number(row["n"]), column };
    }
  }
  return {};
}

function onlyFile({ source, files }: ReadingOf): Place {
  const file = files.length === 1 ? files[0]?.name : undefined;
  return file === undefined ? { source } : { source, file };
}

function nameOf(path: string | undefined, files: readonly StagedFile[]): string | undefined {
  return (files.find((file) => file.readPath === path) ?? (files.length === 1 ? files[0] : undefined))?.name;
}

function unquote(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted.slice(1, -1);
  }
}
