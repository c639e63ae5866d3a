import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../paths.mjs";
import { importTime } from "./import-time.mjs";
import { TARGETS } from "./targets.mjs";
import { zip } from "./zip.mjs";

/**
 * @typedef {object} Written
 * @property {string} name
 * @property {readonly string[]} functions
 * @property {string} zip path relative to the clone
 * @property {number} zipBytes
 * @property {string} unpacked folder for the same files, relative to the clone
 * @property {string} entry inside it
 * @property {import("esbuild").Metafile} metafile
 */

/** Lambda refuses larger ones that are uploaded directly; the others keep to the same bound. */
const MAX_ZIP_BYTES = 50 * 1024 * 1024;

/**
 * Builds a cloud's packages: `dist/<cloud>/<name>.zip`, and the same files in `dist/.unpacked/<cloud>/<name>/` to import them from.
 * @param {import("./targets.mjs").Cloud} cloud
 * @param {import("./duckdb.mjs").Architecture} architecture
 * @param {{ folder?: string, unpack?: boolean }} [options] `folder`: instead of `dist`
 * @returns {Promise<Written[]>}
 */
export async function writePackages(cloud, architecture, { folder = "dist", unpack = true } = {}) {
  const packages = await TARGETS[cloud](architecture);
  return packages.map(({ name, functions, entry, files, metafile }) => {
    const bytes = zip(files, { cache: join(root, "dist", ".cache") });
    if (bytes.length > MAX_ZIP_BYTES)
      throw new Error(`${cloud}/${name}.zip has ${bytes.length} bytes, more than 50 MiB`);
    const path = join(folder, cloud, `${name}.zip`);
    write(join(root, path), bytes);
    const unpacked = join(folder, ".unpacked", cloud, name);
    rmSync(join(root, unpacked), { recursive: true, force: true });
    if (unpack) for (const [inside, content] of files) write(join(root, unpacked, inside), content);
    return { name, functions, zip: path, zipBytes: bytes.length, unpacked, entry, metafile };
  });
}

/**
 * @param {string} file
 * @param {Uint8Array} content
 */
function write(file, content) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/**
 * What stands in for the platform while a package is only imported.
 * @type {Readonly<Record<import("./targets.mjs").Cloud, string>>}
 */
export const STAND_IN = {
  aws: "",
  // The worker answers this name; without it every registration is skipped.
  azure: `
import { Module } from "node:module";
const core = { version: "3.12.0", hostVersion: "4.0", log() {}, Disposable: class {}, setProgrammingModel() {}, getProgrammingModel() {},
  registerHook: () => ({ dispose() {} }), registerFunction: () => ({ dispose() {} }) };
const real = Module.prototype.require;
Module.prototype.require = function (name) { return name === "@azure/functions-core" ? core : real.call(this, name); };`,
  // The platform has loaded the framework before it loads the function.
  gcp: 'await import("@google-cloud/functions-framework");',
};

/**
 * One line per package: functions, size, time to import.
 * @param {import("./targets.mjs").Cloud} cloud
 * @param {readonly Written[]} written
 * @param {(line: string) => void} print
 */
export function printPackages(cloud, written, print) {
  for (const { name, functions, zip: path, zipBytes, unpacked, entry } of written) {
    const { wall } = importTime([join(root, unpacked, entry)], { before: STAND_IN[cloud] });
    const what = functions.length === 1 ? name : `${name} (${functions.join(", ")})`;
    const size = `${(zipBytes / 1e6).toFixed(1).padStart(5)} MB`;
    print(`  ${what.padEnd(10)} ${size}  import ${wall.toFixed(0).padStart(3)} ms  ${path}`);
  }
}
