import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { writeSortedLines } from "../../../../shared/ingestion/input/sort-lines.ts";
import { createFolders } from "../../../support/collect-deps.ts";

const folders = createFolders();
afterAll(() => folders.clean());

async function* stream(lines: readonly string[]): AsyncIterable<string> {
  yield* lines;
}

async function sorted(lines: readonly string[], options: Parameters<typeof writeSortedLines>[2] = {}): Promise<string> {
  const file = path.join(await folders.make(), "lines");
  expect(await writeSortedLines(stream(lines), file, options)).toBe(lines.length);
  expect(await readdir(path.dirname(file))).toEqual(["lines"]);
  return readFile(file, "utf8");
}

const SHUFFLED = Array.from({ length: 500 }, (_, index) => `line ${String((index * 37) % 500).padStart(3, "0")}`);
const IN_ORDER = `${[...SHUFFLED].sort().join("\n")}\n`;

describe("lines written in order", () => {
  it("are the same whatever order they come in", async () => {
    expect(await sorted(SHUFFLED)).toBe(IN_ORDER);
    expect(await sorted([...SHUFFLED].reverse())).toBe(IN_ORDER);
  });

  it("are the same when they do not fit into memory at once (L7)", async () => {
    expect(await sorted(SHUFFLED, { runCharacters: 50 })).toBe(IN_ORDER);
  });

  it("keep repetitions", async () => {
    expect(await sorted(["b", "a", "b", "a"], { runCharacters: 1 })).toBe("a\na\nb\nb\n");
  });

  it("may hold characters that end a line elsewhere", async () => {
    const lines = ["b\u2028b", "a\u2029a", "c\rc"];
    expect(await sorted(lines, { runCharacters: 1 })).toBe("a\u2029a\nb\u2028b\nc\rc\n");
  });

  it("stand below their header, as the caller renders them", async () => {
    const render = (line: string) => `"${line}"`;
    expect(await sorted(["2", "1"], { header: "n", render })).toBe('n\n"1"\n"2"\n');
  });

  it("may be none", async () => {
    expect(await sorted([])).toBe("");
  });
});
