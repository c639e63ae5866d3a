import { GenOpsError } from "../../core/errors.ts";
import { type SqlEngine, sqlName, sqlText } from "../../ports/sql-engine.ts";
import { readCsvHeader } from "./csv-header.ts";
import type { StagedFile } from "./staged-file.ts";

export interface RawColumn {
  /** As delivered. */
  header: string;
  /** How to name it in SQL over `RawTable.from`; unique even where headers repeat or differ only by case. */
  ref: string;
  /** Engine type: `VARCHAR` for CSV, the file's own type for Parquet and JSON. */
  type: string;
  /** X-3's words for null are still in the values (Parquet); in CSV the engine has taken them. */
  nullWords?: true;
}

/** Files with one header, readable as one relation. */
export interface RawTable {
  files: StagedFile[];
  /** Text for a FROM clause; has a column `filename` beside `columns`. */
  from: string;
  columns: RawColumn[];
}

/** A tag may be long (200,000 characters are accepted), a line hardly longer than this. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
/** Each reading thread holds such a buffer; the default, 16 lines of the largest size, would be most of a small machine's memory. */
const BUFFER_BYTES = 4 * MAX_LINE_BYTES;

/**
 * Makes readable relations of staged files. CSV is read with everything as text, under our own parse of the header: nothing is guessed,
 * a ragged row or an open quote is an error, and `''`, `NULL`, `null` mean null.
 */
export async function openRawTables(engine: SqlEngine, files: readonly StagedFile[]): Promise<RawTable[]> {
  const groups = new Map<string, { files: StagedFile[]; open: () => Promise<RawTable> }>();
  for (const file of files) {
    const { key, open } = await describe(engine, file);
    const group = groups.get(key);
    if (group === undefined) {
      const members = [file];
      groups.set(key, { files: members, open: () => open(members) });
    } else group.files.push(file);
  }
  return Promise.all([...groups.values()].map((group) => group.open()));
}

interface Description {
  key: string;
  open: (members: StagedFile[]) => Promise<RawTable>;
}

async function describe(engine: SqlEngine, file: StagedFile): Promise<Description> {
  if (file.kind === "csv") {
    const { delimiter, names } = await readCsvHeader(file);
    return {
      key: JSON.stringify(["csv", delimiter, names]),
      open: (members) => Promise.resolve(csvTable(members, delimiter, names)),
    };
  }
  const from = (members: readonly StagedFile[]) =>
    file.kind === "parquet" ? parquetFrom(members) : jsonFrom(members, file.kind === "ndjson");
  const columns = await describeColumns(engine, file, from([file]));
  return {
    key: JSON.stringify([file.kind, columns]),
    open: (members) => Promise.resolve({ files: members, from: from(members), columns }),
  };
}

function csvTable(files: StagedFile[], delimiter: string, names: readonly string[]): RawTable {
  const columns = names.map((header, index) => ({ header, ref: `c${index}`, type: "VARCHAR" }));
  const declared = columns.map(({ ref }) => `${ref}: 'VARCHAR'`).join(", ");
  const from = `read_csv(${pathList(files)}, columns = {${declared}}, auto_detect = false, header = true, delim = ${sqlText(delimiter)},
    quote = '"', escape = '"', nullstr = ['', 'NULL', 'null'], max_line_size = ${MAX_LINE_BYTES},
    buffer_size = ${BUFFER_BYTES}, filename = true)`;
  return { files, from, columns };
}

function parquetFrom(files: readonly StagedFile[]): string {
  return `read_parquet(${pathList(files)}, filename = true)`;
}

/** Every value as JSON text: floats keep the text they were written with. */
function jsonFrom(files: readonly StagedFile[], lines: boolean): string {
  return `read_ndjson_objects(${pathList(files)}, format = '${lines ? "newline_delimited" : "array"}',
    maximum_object_size = ${MAX_LINE_BYTES}, filename = true)`;
}

async function describeColumns(engine: SqlEngine, file: StagedFile, from: string): Promise<RawColumn[]> {
  try {
    const rows = await engine.query(`DESCRIBE SELECT * FROM ${from}`);
    return rows
      .map((row) => ({ header: String(row["column_name"]), type: String(row["column_type"]) }))
      .filter(({ header }) => header !== "filename")
      .map(({ header, type }) => ({
        header,
        ref: sqlName(header),
        type,
        ...(type === "VARCHAR" ? { nullWords: true } : {}),
      }));
  } catch (error) {
    throw new GenOpsError("refused", `cannot be read as ${file.kind}`, { place: { file: file.name }, cause: error });
  }
}

function pathList(files: readonly StagedFile[]): string {
  return `[${files.map((file) => sqlText(file.readPath)).join(", ")}]`;
}
