import { describe, expect, it } from "vitest";
import { asserts } from "./assertions.ts";
import { filesBelow, linesMatching, readText, textFilesBelow } from "./repository-files.ts";

const files = textFilesBelow("");
const code = files.filter((path) => /\.(ts|mjs|sql)$/.test(path));
const tests = files.filter((path) => path.endsWith(".test.ts"));

// Composed, so that this file does not contain what it looks for.
const MACHINE_PATHS = new RegExp(`(?<![\\w.$}-])/(${["work", "root", "farm", "Users", "home"].join("|")})/[\\w.-]`);
const REGISTRY_HOSTS = new RegExp(
  ["registry\\.npm" + "js", "registry\\.yarn" + "pkg", "npm\\.pkg\\." + "github"].join("|"),
);

describe("the repository", () => {
  it("is seen by these tests", () => {
    expect(code.length).toBeGreaterThan(20);
    expect(tests.length).toBeGreaterThan(3);
  });

  it("names no folder of anybody's machine", () => {
    expect(files.flatMap((path) => linesMatching(path, MACHINE_PATHS))).toEqual([]);
  });

  it("names no package registry", () => {
    expect(files.flatMap((path) => linesMatching(path, REGISTRY_HOSTS))).toEqual([]);
  });

  it("imports zod as a namespace, which keeps 370 kB of languages out of every bundle", () => {
    expect(code.flatMap((path) => linesMatching(path, /import\s+(?!type\b)(?!\* as z\b).*from "zod"/))).toEqual([]);
  });

  it("has no type escapes", () => {
    const escapes = new RegExp(
      ["as unknown" + " as ", "@ts-" + "ignore", "@ts-" + "nocheck", "biome-" + "ignore-all"].join("|"),
    );
    expect(code.flatMap((path) => linesMatching(path, escapes))).toEqual([]);
  });

  it("uses file names that differ by more than case, so that it can be cloned on macOS and Windows", () => {
    const names = filesBelow("").map((path) => path.toLowerCase());
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(names.filter((name) => /[<>:"|?*\\]/.test(name))).toEqual([]);
  });
});

describe("every test file", () => {
  it.each(tests)("%s asserts something and switches nothing off", (path) => {
    expect(asserts(path, (each) => (files.includes(each) ? readText(each) : undefined))).toBe(true);
    expect(linesMatching(path, /\b(it|test|describe)\.(skip|only|todo|fails)\b|\b(skipIf|runIf)\(/)).toEqual([]);
  });
});
