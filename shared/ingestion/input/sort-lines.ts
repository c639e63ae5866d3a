import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Characters of lines that are held at once. */
const RUN_CHARACTERS = 32 * 1024 * 1024;

export interface SortOptions {
  /** Stands above the lines. */
  header?: string;
  /** What is written for a line; it may then span several. */
  render?: (line: string) => string;
  runCharacters?: number;
}

/**
 * Writes lines to a file in the order of their characters, whatever order they come in: an API that promises no order still gives the
 * same bytes for the same rows (L3). Sorts in runs of bounded size beside the file and merges them (L7). Gives back the number of lines.
 */
export async function writeSortedLines(
  lines: AsyncIterable<string>,
  file: string,
  { header, render, runCharacters = RUN_CHARACTERS }: SortOptions = {},
): Promise<number> {
  const runs: string[] = [];
  let held: string[] = [];
  let characters = 0;
  let count = 0;
  const flush = async () => {
    const run = `${file}.run-${runs.length}`;
    await writeLines(held.sort(compare), run);
    runs.push(run);
    held = [];
    characters = 0;
  };
  for await (const line of lines) {
    held.push(line);
    count++;
    characters += line.length;
    if (characters >= runCharacters) await flush();
  }
  if (runs.length > 0) await flush();
  await writeLines(finished(runs.length === 0 ? held.sort(compare) : merge(runs), header, render), file);
  for (const run of runs) await rm(run);
  return count;
}

async function* finished(
  lines: Iterable<string> | AsyncIterable<string>,
  header: string | undefined,
  render: (line: string) => string = (line) => line,
): AsyncIterable<string> {
  if (header !== undefined) yield header;
  for await (const line of lines) yield render(line);
}

interface Head {
  line: string;
  rest: AsyncIterator<string>;
}

/** The smallest head first; the run it came from gives the next. */
async function* merge(runs: readonly string[]): AsyncIterable<string> {
  const heads: Head[] = [];
  const advance = async (rest: AsyncIterator<string>) => {
    const { done, value } = await rest.next();
    if (done !== true) heads.splice(placeOf(heads, value), 0, { line: value, rest });
  };
  for (const run of runs) await advance(linesOf(run)[Symbol.asyncIterator]());
  for (;;) {
    const head = heads.shift();
    if (head === undefined) return;
    yield head.line;
    await advance(head.rest);
  }
}

/** Only a line feed ends a line; readline would also break at U+2028, which JSON may hold. */
async function* linesOf(run: string): AsyncIterable<string> {
  let rest = "";
  for await (const chunk of createReadStream(run, "utf8")) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

/** Where a line belongs in the ascending heads. */
function placeOf(heads: readonly Head[], line: string): number {
  let low = 0;
  let high = heads.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(heads[middle]?.line ?? "", line) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function writeLines(lines: Iterable<string> | AsyncIterable<string>, file: string): Promise<void> {
  await pipeline(Readable.from(batches(lines)), createWriteStream(file));
}

/** A stream chunk per line would cost more than the lines. */
async function* batches(lines: Iterable<string> | AsyncIterable<string>): AsyncIterable<string> {
  let text = "";
  for await (const line of lines) {
    text += `${line}\n`;
    if (text.length < 1 << 16) continue;
    yield text;
    text = "";
  }
  if (text !== "") yield text;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
