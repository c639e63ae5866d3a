import { GenOpsError, messageOf } from "../../../core/errors.ts";
import { type SqlEngine, type SqlValue, sqlText } from "../../../ports/sql-engine.ts";
import type { RawTable } from "../../input/raw-table.ts";
import type { StagedFile } from "../../input/staged-file.ts";
import { COST_TYPES, LISTS, RECORDS } from "./fields.ts";
import { findRow, type RowFault, rowFault } from "./row-fault.ts";

/** JSON paths whose type decides whether a row can be read, and what it may be. */
const SHAPES: readonly (readonly [path: string, allowed: "OBJECT" | "ARRAY"])[] = [
  ["$", "OBJECT"],
  ...RECORDS.map((name) => [`$.${name}`, "OBJECT"] as const),
  ...Object.values(LISTS).flatMap(({ path }) => [
    [`$.${path.join(".")}`, "ARRAY"] as const,
    [`$.${path.join(".")}[0]`, "OBJECT"] as const,
  ]),
];

/** `NUMBER` of decimals and exponents, as `money()` takes it. */
const NUMBER = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,4})?";

/**
 * One pass over JSON rows before they are mapped: the top-level keys, and whether every row has the shape of an export row. `from_json`
 * gives null for what has another shape, and money must not vanish so: the first such row is refused with its line.
 */
export async function inspectJson(engine: SqlEngine, table: RawTable): Promise<string[]> {
  const shapes = SHAPES.map(([path]) => sqlText(path)).join(", ");
  let groups: Record<string, SqlValue>[];
  try {
    groups = await engine.query(`
      SELECT filename, json_keys("json") AS keys, json_type("json", [${shapes}]) AS types,
        json_extract_string("json", ['$.cost_type', '$.invoice.month']) AS words,
        coalesce(len(list_filter(json_extract_string("json", '$.credits[*].amount'),
          lambda amount: NOT regexp_full_match(amount, '${NUMBER}'))) > 0, false) AS odd_credit
      FROM ${table.from} GROUP BY ALL`);
  } catch (error) {
    throw await malformed(table.files, error);
  }
  const odd = groups.find(isOdd);
  if (odd !== undefined) throw await refusal(table.files, String(odd["filename"]));
  return [...new Set(groups.flatMap((group) => texts(group["keys"])))].sort();
}

function isOdd(group: Record<string, SqlValue>): boolean {
  const types = group["types"];
  const [costType, month] = Array.isArray(group["words"]) ? group["words"] : [];
  const wrong = SHAPES.some(([, allowed], index) => {
    const type = Array.isArray(types) ? types[index] : undefined;
    return type !== allowed && (index === 0 || (type !== null && type !== "NULL"));
  });
  const oddMonth = typeof month === "string" && !/^\d{4}(0[1-9]|1[0-2])$/.test(month);
  return wrong || group["odd_credit"] === true || !COST_TYPES.includes(String(costType)) || oddMonth;
}

async function refusal(files: readonly StagedFile[], readPath: string): Promise<GenOpsError> {
  const file = files.find((candidate) => candidate.readPath === readPath);
  const found = file === undefined ? undefined : await findRow(file, rowFault);
  return toError(found ?? { message: "holds a row that is no row of a Google Cloud billing export" }, file);
}

async function malformed(files: readonly StagedFile[], error: unknown): Promise<GenOpsError> {
  for (const file of files) {
    const found = await findRow(file, () => undefined);
    if (found !== undefined) return toError(found, file);
  }
  const [file] = files;
  if (file !== undefined && files.length === 1 && messageOf(error).includes("byte order mark")) {
    return toError(
      { message: "begins with a byte order mark, which JSON must not; save it as UTF-8 without one" },
      file,
    );
  }
  const [text = ""] = messageOf(error).split("\n");
  const named = files.reduce((message, { readPath, name }) => message.replaceAll(readPath, name), text);
  return new GenOpsError("refused", `cannot be read as JSON: ${named}`, { cause: error });
}

function toError({ message, ...place }: RowFault, file: StagedFile | undefined): GenOpsError {
  return new GenOpsError("refused", message, {
    place: { ...(file === undefined ? {} : { file: file.name }), ...place },
  });
}

function texts(value: SqlValue | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
