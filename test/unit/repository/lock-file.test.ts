import { describe, expect, it } from "vitest";
import * as z from "zod";
import { missingPackages } from "../../../scripts/lib/complete-lock.mjs";
import { readJson } from "./repository-files.ts";

const LockEntry = z.looseObject({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  optional: z.boolean().optional(),
  os: z.array(z.string()).optional(),
  cpu: z.array(z.string()).optional(),
  libc: z.array(z.string()).optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
});
const LockFile = z.looseObject({ packages: z.record(z.string(), LockEntry) });
type LockFile = z.infer<typeof LockFile>;
type LockEntry = z.infer<typeof LockEntry>;

const LOCKS = ["package-lock.json", "test/tools/package-lock.json"] as const;
const SYSTEMS = ["darwin x64", "darwin arm64", "win32 x64", "linux x64", "linux arm64"] as const;

/** Packages whose work is done by an optional package per system. */
const NATIVE = [
  ["package-lock.json", "@duckdb/node-bindings"],
  ["package-lock.json", "esbuild"],
  ["package-lock.json", "typescript"],
  ["package-lock.json", "rolldown"],
  ["package-lock.json", "lightningcss"],
  ["test/tools/package-lock.json", "@biomejs/biome"],
  ["test/tools/package-lock.json", "@swc/core"],
  ["test/tools/package-lock.json", "esbuild"],
  ["test/tools/package-lock.json", "oxlint"],
  ["test/tools/package-lock.json", "oxlint-tsgolint"],
  ["test/tools/package-lock.json", "oxc-parser"],
  ["test/tools/package-lock.json", "oxc-resolver"],
] as const;

/** Native parts that a system can do without; macOS only. */
const ONE_SYSTEM_ONLY = new Set(["fsevents"]);

describe.each(LOCKS)("%s", (file) => {
  const lock = readLock(file);
  const entries = Object.entries(lock.packages).filter(([path]) => path !== "");

  it("holds every optional package that a package declares, so that `npm ci` works on every system", () => {
    expect(entries.length).toBeGreaterThan(50);
    expect(missingPackages(readJsonLock(file)).map(({ name }) => name)).toEqual([]);
  });

  it("names no download address, so that every registry can serve it", () => {
    expect(entries.filter(([, entry]) => entry.resolved?.includes("://")).map(([path]) => path)).toEqual([]);
  });

  it("has a hash for every package that is not a completed native part", () => {
    const without = entries.filter(([, entry]) => entry.integrity === undefined);
    expect(without.filter(([, entry]) => entry.optional !== true || entry.os === undefined)).toEqual([]);
  });

  it("has no package with native parts that this test does not know", () => {
    const native = entries
      .filter(([, entry]) => Object.keys(entry.optionalDependencies ?? {}).some((name) => isNative(lock, name)))
      .map(([path]) => path.replace(/^.*node_modules\//, ""))
      .filter(
        (name) =>
          !Object.keys(lock.packages[`node_modules/${name}`]?.optionalDependencies ?? {}).every((part) =>
            ONE_SYSTEM_ONLY.has(part),
          ),
      );
    const known = NATIVE.filter(([where]) => where === file).map(([, name]) => name);
    expect(native.sort()).toEqual([...known].sort());
  });
});

describe.each(NATIVE)("native parts in %s of %s", (file, name) => {
  const lock = readLock(file);
  const parts = Object.keys(lock.packages[`node_modules/${name}`]?.optionalDependencies ?? {});

  it.each(SYSTEMS)("are locked for %s", (system) => {
    const found = parts.filter((part) => isFor(lock.packages[`node_modules/${part}`], system));
    expect(found).not.toEqual([]);
  });
});

describe("DuckDB", () => {
  const lock = readLock("package-lock.json");

  it.each(["x64", "arm64"])("is locked with a hash for Linux %s, which the clouds' functions run on", (cpu) => {
    const entry = lock.packages[`node_modules/@duckdb/node-bindings-linux-${cpu}`];
    expect(entry).toMatchObject({
      version: lock.packages["node_modules/@duckdb/node-api"]?.version,
      os: ["linux"],
      cpu: [cpu],
    });
    expect(entry?.integrity).toMatch(/^sha512-/);
  });
});

function readJsonLock(file: string): Parameters<typeof missingPackages>[0] {
  return readJson(file) as Parameters<typeof missingPackages>[0];
}

function readLock(file: string): LockFile {
  return LockFile.parse(readJson(file));
}

function isNative(lock: LockFile, name: string): boolean {
  return lock.packages[`node_modules/${name}`]?.os !== undefined;
}

function isFor(entry: LockEntry | undefined, system: string): boolean {
  const [os = "", cpu = ""] = system.split(" ");
  const libcFits = entry?.libc === undefined || entry.libc.includes("glibc");
  return libcFits && entry?.os?.includes(os) === true && entry.cpu?.includes(cpu) === true;
}
