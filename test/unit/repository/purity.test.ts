import { describe, expect, it } from "vitest";
import { matchingLines, readText, textFilesBelow } from "./repository-files.ts";
import { withoutComments } from "./source-text.ts";

/** Files outside `shared/platforms` that may touch the machine, and why. */
const ADAPTERS: Readonly<Record<string, string>> = {};

const IMPURE: readonly (readonly [string, RegExp])[] = [
  ["the environment", /\bprocess\.(env|argv|cwd\()/],
  ["the clock", /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bsetTimeout\(|\bsetInterval\(/],
  ["randomness", /\bMath\.random\(|\brandomUUID\(|\brandomBytes\(/],
  ["the console", /\bconsole\.|\bprocess\.(stdout|stderr)\b/],
];

const files = textFilesBelow("shared").filter((path) => path.endsWith(".ts") && !path.startsWith("shared/platforms/"));

describe("code outside the adapters", () => {
  it.each(IMPURE)("does not read %s: it comes as a port", (_what, pattern) => {
    expect(files.length).toBeGreaterThan(10);
    const found = files
      .filter((path) => ADAPTERS[path] === undefined)
      .flatMap((path) => matchingLines(path, withoutComments(readText(path)), pattern));
    expect(found).toEqual([]);
  });

  it("lists only adapters that exist", () => {
    expect(Object.keys(ADAPTERS).filter((path) => !files.includes(path))).toEqual([]);
  });
});
