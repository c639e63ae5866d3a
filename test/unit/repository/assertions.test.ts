import { describe, expect, it } from "vitest";
import { asserts } from "./assertions.ts";

const SUITE = 'export function describeIt() { it("is so", () => { expect(1).toBe(1); }); }';
const call = 'import { describeIt } from "./suites/it.ts";\ndescribeIt();';

const has = (files: Readonly<Record<string, string>>) => asserts("test/a.test.ts", (path) => files[path]);

describe("a test file asserts something", () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ["by its own expectations", { "test/a.test.ts": 'it("x", () => expect(1).toBe(1));' }],
    ["by a suite that it calls", { "test/a.test.ts": call, "test/suites/it.ts": SUITE }],
    [
      "by a suite under another name",
      {
        "test/a.test.ts": 'import { describeIt as same } from "./suites/it.ts";\nfor (const x of y) same(x);',
        "test/suites/it.ts": SUITE,
      },
    ],
    [
      "by the parts of a suite",
      {
        "test/a.test.ts": call,
        "test/suites/it.ts": 'import { part } from "./parts/one.ts";\nexport function describeIt() { part(); }',
        "test/suites/parts/one.ts": SUITE.replace("describeIt", "part"),
      },
    ],
  ])("%s", (_, files) => {
    expect(has(files)).toBe(true);
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["without any", { "test/a.test.ts": 'it("x", () => {});' }],
    ["with one in a comment", { "test/a.test.ts": '// expect(1).toBe(1)\nit("x", () => {});' }],
    ["with a suite that it only imports", { "test/a.test.ts": call.split("\n")[0] ?? "", "test/suites/it.ts": SUITE }],
    [
      "with a suite whose type it imports",
      {
        "test/a.test.ts": 'import type { describeIt } from "./suites/it.ts";\ndescribeIt();',
        "test/suites/it.ts": SUITE,
      },
    ],
    ["with a suite that is not there", { "test/a.test.ts": call }],
    [
      "with a suite that expects nothing",
      { "test/a.test.ts": call, "test/suites/it.ts": SUITE.replace(/expect.*?;/, "") },
    ],
    [
      "with a helper that expects and has no tests",
      { "test/a.test.ts": call, "test/suites/it.ts": "export function describeIt() { expect(1).toBe(1); }" },
    ],
    [
      "with a suite that has tests and expects elsewhere",
      {
        "test/a.test.ts": call,
        "test/suites/it.ts": 'import { lab } from "../lab.ts";\nexport function describeIt() { it("x", () => lab()); }',
        "test/lab.ts": SUITE,
      },
    ],
  ])("but not %s", (_, files) => {
    expect(has(files)).toBe(false);
  });
});
