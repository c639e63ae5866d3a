import { open } from "node:fs/promises";
import { GenOpsError } from "../../core/errors.ts";
import { splitCsvRecord } from "./csv-record.ts";
import type { StagedFile } from "./staged-file.ts";

export interface CsvHeader {
  delimiter: string;
  /** As delivered, without BOM and surrounding blanks; may repeat. */
  names: string[];
}

const DELIMITERS = [",", ";", "\t", "|"] as const;
const MAX_HEADER_BYTES = 4 * 1024 * 1024;

/** Reads the first record of a UTF-8 CSV file. */
export async function readCsvHeader(file: StagedFile): Promise<CsvHeader> {
  const record = firstRecord(await readStart(file.readPath));
  if (record === undefined) {
    throw new GenOpsError("refused", "the header line has an unterminated quote", {
      place: { file: file.name, line: 1 },
    });
  }
  const delimiter = DELIMITERS.reduce<string>(
    (best, candidate) => (countOutsideQuotes(record, candidate) > countOutsideQuotes(record, best) ? candidate : best),
    ",",
  );
  const names = splitCsvRecord(record, delimiter).map((name) => name.trim());
  if (names.every((name) => name === "")) {
    throw new GenOpsError("refused", "the first line is blank; it must be the header", {
      place: { file: file.name, line: 1 },
    });
  }
  return { delimiter, names };
}

async function readStart(path: string): Promise<string> {
  const handle = await open(path, "r");
  try {
    for (let size = 65_536; ; size *= 8) {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(size), 0, size, 0);
      const text = buffer.toString("utf8", 0, bytesRead).replace(/^\uFEFF/, "");
      if (bytesRead < size || firstRecord(text) !== undefined || size >= MAX_HEADER_BYTES) {
        return bytesRead < size && !text.endsWith("\n") ? `${text}\n` : text;
      }
    }
  } finally {
    await handle.close();
  }
}

/** Text up to the first line end outside quotes; `undefined` when there is none. */
function firstRecord(text: string): string | undefined {
  let quoted = false;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === "\n" || char === "\r")) return text.slice(0, index);
  }
  return undefined;
}

function countOutsideQuotes(record: string, delimiter: string): number {
  return splitCsvRecord(record, delimiter).length - 1;
}
