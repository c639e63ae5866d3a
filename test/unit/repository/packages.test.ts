import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { readJson, readText, root } from "./repository-files.ts";

const Dependencies = z.record(z.string(), z.string()).default({});
const Package = z.looseObject({
  dependencies: Dependencies,
  devDependencies: Dependencies,
  optionalDependencies: Dependencies,
  bin: z.record(z.string(), z.string()).default({}),
  scripts: z.record(z.string(), z.string()).default({}),
});

const EXACT = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;

describe.each(["package.json", "test/tools/package.json"])("%s", (file) => {
  const { dependencies, devDependencies, optionalDependencies } = Package.parse(readJson(file));
  const all = Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });

  it("names exact versions only", () => {
    expect(all.length).toBeGreaterThan(0);
    expect(all.filter(([, version]) => !EXACT.test(version))).toEqual([]);
  });

  it("agrees with its lock file", () => {
    const lock = z.object({ packages: z.record(z.string(), z.looseObject({})) });
    const { packages } = lock.parse(readJson(file.replace("package.json", "package-lock.json")));
    expect(packages[""]).toMatchObject({ devDependencies });
  });
});

describe("package.json", () => {
  const main = Package.parse(readJson("package.json"));

  it("installs the command under both of its names", () => {
    expect(main.bin).toEqual({ genops: "bin/genops.mjs", "genops-cli": "bin/genops.mjs" });
    expect(readText("bin/genops.mjs")).toMatch(/^#!\/usr\/bin\/env node\n/);
  });

  it.each(["bin/genops.mjs", ".ci/run"])("has %s as a file that can be executed", (path) => {
    // Windows knows no such bit.
    const executable = process.platform === "win32" || (statSync(join(root, path)).mode & 0o111) !== 0;
    expect(executable).toBe(true);
  });

  it("pins a DuckDB that exists for x64 and arm64 Linux", () => {
    expect(main.dependencies["@duckdb/node-api"]).toBe("1.5.5-r.5");
  });
});

describe.each([".npmrc", "test/tools/.npmrc"])("%s", (file) => {
  it("keeps download addresses out of the lock file and names no registry", () => {
    expect(readText(file)).toContain("omit-lockfile-registry-resolved=true");
    expect(readText(file)).not.toMatch(/registry\s*=|:\/\//);
  });
});
