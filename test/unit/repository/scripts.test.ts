import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { completeLock, missingPackages, platformOf } from "../../../scripts/lib/complete-lock.mjs";
import { countRun, formatCounts, settleCounts, sumCounts } from "../../../scripts/lib/counts.mjs";
import { holds } from "../../../scripts/lib/install.mjs";
import { findNode } from "../../../scripts/lib/paths.mjs";
import { CHROMIUM, findProgram } from "../../../scripts/lib/programs.mjs";
import { capture } from "../../../scripts/lib/run.mjs";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "genops-scripts-"));
  folders.push(folder);
  return folder;
}

describe("holds", () => {
  const wanted = {
    packages: {
      "": {},
      "node_modules/zod": { version: "4.6.7" },
      "node_modules/native-darwin-x64": { version: "1.0.0", optional: true },
    },
  };

  it("accepts a tree without the optional packages of other systems", () => {
    expect(holds({ packages: { "node_modules/zod": { version: "4.6.7" } } }, wanted)).toBe(true);
  });

  it.each([
    ["another version", { "node_modules/zod": { version: "4.6.6" } }],
    ["a missing package", {}],
    [
      "another version of an optional one",
      { "node_modules/zod": { version: "4.6.7" }, "node_modules/native-darwin-x64": { version: "2.0.0" } },
    ],
    [
      "a package that the lock file lost",
      { "node_modules/zod": { version: "4.6.7" }, "node_modules/old": { version: "1.0.0" } },
    ],
  ])("asks for an installation after %s", (_what, packages) => {
    expect(holds({ packages }, wanted)).toBe(false);
  });
});

describe("findNode", () => {
  it("prefers the installed Node", () => {
    const folder = makeFolder();
    const bin = join(folder, "node_modules", "node", "bin");
    const installed = join(bin, process.platform === "win32" ? "node.exe" : "node");
    mkdirSync(bin, { recursive: true });
    writeFileSync(installed, "");
    expect(findNode(folder, { path: process.execPath, version: "24.1.0" })).toBe(installed);
  });

  it("takes the running Node when that is new enough, and nothing older", () => {
    const folder = makeFolder();
    expect(findNode(folder, { path: process.execPath, version: "24.0.0" })).toBe(process.execPath);
    expect(findNode(folder, { path: process.execPath, version: "22.12.0" })).toBeUndefined();
  });
});

describe("completeLock", () => {
  const lock = {
    lockfileVersion: 3,
    packages: {
      "node_modules/a": {
        version: "1.0.0",
        dev: true,
        optionalDependencies: { "@a/linux-x64": "1.0.0", "@a/linux-arm64-musl": "1.0.0" },
      },
      "node_modules/@a/linux-x64": { version: "1.0.0", dev: true, optional: true },
    },
  };

  it("adds what a registry did not know, with the system that the name tells", async () => {
    const completed = await completeLock(lock, async (spec) => `sha512-of-${spec}`);
    expect(completed.packages["node_modules/@a/linux-arm64-musl"]).toEqual({
      version: "1.0.0",
      integrity: "sha512-of-@a/linux-arm64-musl@1.0.0",
      dev: true,
      optional: true,
      os: ["linux"],
      cpu: ["arm64"],
      libc: ["musl"],
    });
    expect(Object.keys(completed.packages)[0]).toBe("node_modules/@a/linux-arm64-musl");
    expect(missingPackages(completed)).toEqual([]);
  });

  it("changes nothing that is complete", async () => {
    const completed = await completeLock(lock, async () => undefined);
    expect(await completeLock(completed, async () => "other")).toEqual(completed);
  });

  it("refuses a version that is not exact", async () => {
    const ranged = {
      packages: { "node_modules/a": { version: "1.0.0", optionalDependencies: { "@a/linux-x64": "^1.0.0" } } },
    };
    await expect(completeLock(ranged, async () => undefined)).rejects.toThrow("only an exact version");
  });

  it("looks where Node would look", () => {
    const nested = {
      packages: {
        "node_modules/a/node_modules/b": { version: "1.0.0", optionalDependencies: { "b-linux-x64": "1.0.0" } },
        "node_modules/a/node_modules/b-linux-x64": { version: "1.0.0", optional: true },
      },
    };
    expect(missingPackages(nested)).toEqual([]);
  });

  it.each([
    ["@oxlint/binding-win32-arm64-msvc", { os: ["win32"], cpu: ["arm64"] }],
    ["@oxc-parser/binding-linux-arm-gnueabihf", { os: ["linux"], cpu: ["arm"], libc: ["glibc"] }],
    ["@oxlint-tsgolint/darwin-x64", { os: ["darwin"], cpu: ["x64"] }],
  ])("reads the system off %s", (name, platform) => {
    expect(platformOf(name)).toEqual(platform);
  });

  it("says so when a name tells no system", () => {
    expect(() => platformOf("fsevents")).toThrow("does not tell its system");
  });
});

describe("the counts of a test run", () => {
  it("are passed, failed and skipped tests", () => {
    const files = [
      { failed: false, tests: ["passed", "passed", "skipped"] },
      { failed: true, tests: ["passed", "failed"] },
    ];
    expect(countRun(files, 0)).toEqual({ passed: 3, failed: 1, skipped: 1 });
  });

  it("have a failure for a file that could not be loaded and for an error outside of tests", () => {
    expect(countRun([{ failed: true, tests: [] }], 0).failed).toBe(1);
    expect(countRun([{ failed: false, tests: ["passed"] }], 1).failed).toBe(1);
  });

  it.each([
    ["the run failed for another reason", { passed: 3, failed: 0, skipped: 0 }, 1],
    ["no test ran", { passed: 0, failed: 0, skipped: 2 }, 0],
    ["nothing was counted", undefined, 0],
  ])("have a failure when %s", (_why, counts, code) => {
    expect(settleCounts(counts, code).failed).toBe(1);
  });

  it("are left alone when the run succeeded", () => {
    expect(settleCounts({ passed: 3, failed: 0, skipped: 1 }, 0)).toEqual({ passed: 3, failed: 0, skipped: 1 });
  });

  it("adds up and prints", () => {
    const total = sumCounts([
      { passed: 1, failed: 0, skipped: 0 },
      { passed: 2, failed: 3, skipped: 4 },
    ]);
    expect(formatCounts(total)).toBe("3 passed, 3 failed, 4 skipped");
  });
});

describe("findProgram", () => {
  it("takes the named path, else looks through PATH, else finds nothing", () => {
    const folder = makeFolder();
    const program = join(folder, "chromium");
    writeFileSync(program, "", { mode: 0o755 });
    const known = { ...CHROMIUM, candidates: ["chromium"] };
    expect(findProgram(known, { GENOPS_CHROMIUM: program })).toBe(program);
    expect(findProgram(known, { PATH: folder })).toBe(program);
    expect(findProgram(known, { PATH: "" })).toBeUndefined();
    expect(findProgram(known, { PATH: folder, GENOPS_CHROMIUM: join(folder, "missing") })).toBeUndefined();
  });
});

describe("capture", () => {
  it("gives the exit code and what was written", async () => {
    const result = await capture(process.execPath, ["-e", "console.log('out'); console.error('err'); process.exit(3)"]);
    expect(result).toMatchObject({ code: 3, stdout: "out\n" });
    expect(result.output).toContain("err\n");
  });

  it("answers for a killed program as a shell does", async () => {
    const result = await capture(process.execPath, ["-e", "process.kill(process.pid, 'SIGKILL')"]);
    expect(result.code).toBe(137);
  });
});
