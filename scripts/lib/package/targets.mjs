import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.mjs";
import { bundle, dataFiles } from "./bundle.mjs";
import { assertDuckDb, duckDbFiles, WITH_DUCKDB } from "./duckdb.mjs";
import { noticesOf } from "./notices.mjs";

/**
 * @typedef {import("./bundle.mjs").Files} Files
 * @typedef {import("./duckdb.mjs").Architecture} Architecture
 * @typedef {"aws" | "azure" | "gcp"} Cloud
 * @typedef {object} Package
 * @property {string} name `collect`: names the zip
 * @property {readonly string[]} functions
 * @property {string} entry path of the module that the platform imports
 * @property {Files} files
 * @property {import("esbuild").Metafile} metafile
 */

/** The same in every cloud. */
export const FUNCTIONS = ["collect", "evaluate", "enforce", "alerts", "health", "api"];

/** @type {Readonly<Record<Cloud, (architecture: Architecture) => Promise<Package[]>>>} */
export const TARGETS = { aws: packageAws, azure: packageAzure, gcp: packageGcp };

/**
 * One zip per Lambda function; `handler: index.handler`.
 * @param {Architecture} architecture
 */
function packageAws(architecture) {
  return Promise.all(
    FUNCTIONS.map(async (name) => {
      const { files, metafile } = await bundle(`export * from "./functions/aws/${name}.ts";`);
      const all = new Map([...files, ...dataFiles(metafile), ...noticesOf(metafile), ...engineFor(name, architecture)]);
      assertDuckDb(all, { name: `aws/${name}`, architecture, expected: WITH_DUCKDB.includes(name) });
      return { name, functions: [name], entry: "index.mjs", files: all, metafile };
    }),
  );
}

/**
 * One function app with all functions.
 * @param {Architecture} architecture
 * @returns {Promise<Package[]>}
 */
async function packageAzure(architecture) {
  const { files, metafile } = await bundle(
    FUNCTIONS.map((name) => `import "./functions/azure/${name}.ts";`).join("\n"),
  );
  const all = new Map([
    ...files,
    ...dataFiles(metafile),
    ...noticesOf(metafile),
    ...duckDbFiles(architecture),
    ...textFile("package.json", json({ name: "genops", private: true, type: "module", main: "index.mjs" })),
    ...textFile("host.json", readFileSync(join(root, "functions", "azure", "host.json"), "utf8")),
  ]);
  assertDuckDb(all, { name: "azure/genops", architecture, expected: true });
  return [{ name: "genops", functions: FUNCTIONS, entry: "index.mjs", files: all, metafile }];
}

const FRAMEWORK = "@google-cloud/functions-framework";

/**
 * One zip per Cloud Run function. The buildpack installs what package.json names, which is the framework alone, and leaves `lib/` as it is:
 * so the engine lies there.
 * @param {Architecture} architecture
 */
function packageGcp(architecture) {
  return Promise.all(
    FUNCTIONS.map(async (name) => {
      const { files, metafile } = await bundle(`export * from "./functions/gcp/${name}.ts";`);
      const inside = [...files, ...dataFiles(metafile), ...noticesOf(metafile), ...engineFor(name, architecture)];
      const all = new Map([
        ...inside.map(([path, bytes]) => /** @type {const} */ ([`lib/${path}`, bytes])),
        ...textFile("package.json", json(gcpPackage(name))),
        ...textFile("package-lock.json", json(frameworkLock(name))),
      ]);
      assertDuckDb(all, { name: `gcp/${name}`, architecture, expected: WITH_DUCKDB.includes(name), folder: "lib/" });
      return { name, functions: [name], entry: "lib/index.mjs", files: all, metafile };
    }),
  );
}

/** @param {string} name */
function gcpPackage(name) {
  return {
    name: `genops-${name}`,
    version: "0.0.0",
    private: true,
    type: "module",
    main: "lib/index.mjs",
    engines: { node: "24" },
    dependencies: { [FRAMEWORK]: lockOf().packages[`node_modules/${FRAMEWORK}`]?.version ?? "" },
  };
}

/**
 * @typedef {{ version?: string, dependencies?: Record<string, string>, [key: string]: unknown }} LockEntry
 * @returns {{ lockfileVersion: number, packages: Record<string, LockEntry> }}
 */
function lockOf() {
  return JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
}

/**
 * A lock file with the framework and everything below it, as our own lock file has them: the buildpack installs what was tested.
 * @param {string} name
 */
function frameworkLock(name) {
  const { lockfileVersion, packages } = lockOf();
  const { dependencies, engines, version } = gcpPackage(name);
  /** @type {Record<string, LockEntry>} */
  const kept = {};
  const open = [`node_modules/${FRAMEWORK}`];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const entry = packages[path];
    if (entry === undefined || kept[path] !== undefined) continue;
    const { dev: _dev, ...rest } = entry;
    kept[path] = rest;
    for (const dependency of Object.keys(entry.dependencies ?? {})) open.push(resolvePath(packages, path, dependency));
  }
  const sorted = Object.fromEntries(Object.entries(kept).sort(([a], [b]) => (a < b ? -1 : 1)));
  const own = { name: `genops-${name}`, version, dependencies, engines };
  return { name: own.name, version, lockfileVersion, requires: true, packages: { "": own, ...sorted } };
}

/**
 * Node's search from a package's folder upwards.
 * @param {Record<string, LockEntry>} packages
 * @param {string} from
 * @param {string} dependency
 */
function resolvePath(packages, from, dependency) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf("/node_modules/"), 0))) {
    const path = `${folder === "" ? "" : `${folder}/`}node_modules/${dependency}`;
    if (packages[path] !== undefined || folder === "") return path;
  }
}

/**
 * @param {string} name
 * @param {Architecture} architecture
 * @returns {Files}
 */
function engineFor(name, architecture) {
  return WITH_DUCKDB.includes(name) ? duckDbFiles(architecture) : new Map();
}

/**
 * @param {string} path
 * @param {string} text
 * @returns {Files}
 */
function textFile(path, text) {
  return new Map([[path, new TextEncoder().encode(text)]]);
}

/** @param {unknown} value */
function json(value) {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
