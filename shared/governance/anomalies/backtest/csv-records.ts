import { GenOpsError } from "../../../core/errors.ts";
import { splitCsvRecord } from "../../../ingestion/input/csv-record.ts";

/** Called with the fields of one record and the 1-based line on which it begins. */
export type TakeRecord = (fields: readonly string[], line: number) => void;

/** A quoted field may span lines; a record that is this long has a quote that was never closed, or is none. */
const LONGEST_RECORD = 100_000;

/**
 * Reads UTF-8 CSV (RFC 4180: comma, doubled quotes, LF or CRLF, BOM or none) as it comes in and hands on record by record; blank lines
 * are passed over. Throws `usage` with file and line where quotes do not pair or the bytes are no text.
 */
export async function readCsvRecords(
  chunks: AsyncIterable<Uint8Array>,
  fileName: string,
  take: TakeRecord,
): Promise<void> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const lines = createLines(fileName, take);
  for await (const chunk of chunks) lines.push(decode(chunk));
  lines.push(decode());
  lines.end();

  function decode(chunk?: Uint8Array): string {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw new GenOpsError("usage", "not UTF-8 text", { place: { file: fileName, line: lines.next() }, cause });
    }
  }
}

interface Lines {
  push(text: string): void;
  end(): void;
  /** Number of the line that comes next. */
  next(): number;
}

function createLines(fileName: string, take: TakeRecord): Lines {
  let rest = "";
  let line = 1;
  /** A record whose quote is still open, and the line it began on. */
  let open: string | undefined;
  let openedAt = 0;

  function takeLine(text: string): void {
    if (open === undefined) openedAt = line;
    line += 1;
    const record = open === undefined ? text : `${open}\n${text}`;
    const closes = (open !== undefined) === hasOddQuotes(text);
    open = closes ? undefined : record;
    if (record.length > LONGEST_RECORD) refuseLength();
    if (!closes) return;
    const bare = record.endsWith("\r") ? record.slice(0, -1) : record;
    if (bare.trim() !== "") take(fieldsOf(bare), openedAt);
  }

  function refuseLength(): never {
    throw new GenOpsError("usage", "too long for an observation; is a quote open?", {
      place: { file: fileName, line: openedAt },
    });
  }

  function refuseQuote(): never {
    throw new GenOpsError("usage", "a quote is not closed", { place: { file: fileName, line: openedAt } });
  }

  return {
    push(text) {
      const all = rest + text;
      let from = 0;
      for (let end = all.indexOf("\n"); end >= 0; end = all.indexOf("\n", from)) {
        takeLine(all.slice(from, end));
        from = end + 1;
      }
      rest = all.slice(from);
      if (rest.length > LONGEST_RECORD) takeLine(rest);
    },
    end() {
      if (rest !== "") takeLine(rest);
      if (open !== undefined) refuseQuote();
    },
    next: () => line,
  };
}

function hasOddQuotes(text: string): boolean {
  let quotes = 0;
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) quotes += 1;
  return quotes % 2 === 1;
}

function fieldsOf(record: string): string[] {
  return record.includes('"') ? splitCsvRecord(record, ",") : record.split(",");
}
