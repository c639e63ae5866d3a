import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "../install.mjs";
import { root } from "../paths.mjs";
import { slashed } from "./bundle.mjs";

/**
 * @typedef {import("./bundle.mjs").Files} Files
 * @typedef {"x64" | "arm64"} Architecture
 */

/** Functions that read or write costs carry the engine; the others must not. */
export const WITH_DUCKDB = ["collect", "evaluate", "enforce", "api"];

const JAVASCRIPT = ["@duckdb/node-api", "@duckdb/node-bindings", "detect-libc"];

/** The native part for the clouds' Linux: the one built for glibc. */
function bindingOf(/** @type {Architecture} */ architecture) {
  return `@duckdb/node-bindings-linux-${architecture}`;
}

/**
 * The embedded engine as a function's package carries it, whatever machine builds it. Throws when this installation lacks the native
 * part for that architecture: npm skips it silently, and the function would fail at run time (`reference/runtimes.md` §9).
 * @param {Architecture} architecture
 * @returns {Files}
 */
export function duckDbFiles(architecture) {
  const binding = bindingOf(architecture);
  if (!existsSync(join(root, "node_modules", binding, "libduckdb.so"))) {
    throw new SetupError(
      `${binding} is not installed, so no package for ${architecture} can be built here. Get it with: ` +
        `npm install --no-save --os=linux --cpu=${architecture} --libc=glibc ${binding}@${versionOf("@duckdb/node-api")}`,
    );
  }
  const known = read.get(architecture);
  if (known !== undefined) return known;
  /** @type {Files} */
  const files = new Map();
  for (const name of [...JAVASCRIPT, binding]) addPackage(files, name);
  read.set(architecture, files);
  return files;
}

/**
 * Most packages carry the same 72 MB.
 * @type {Map<Architecture, Files>}
 */
const read = new Map();

/** @param {string} name */
function versionOf(name) {
  return JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;
}

/**
 * What a program needs of a package: no types, no maps.
 * @param {Files} files
 * @param {string} name
 */
function addPackage(files, name) {
  const folder = join(root, "node_modules", name);
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    if (!/(\.(js|json|node|so)|LICENSE)$/.test(file)) continue;
    files.set(`node_modules/${name}/${slashed(file)}`, readFileSync(join(folder, file)));
  }
}

/**
 * Is the engine in this package, for this architecture, exactly if the function needs it? Throws otherwise.
 * @param {Files} files
 * @param {{ name: string, architecture: Architecture, expected: boolean, folder?: string }} wanted
 */
export function assertDuckDb(files, { name, architecture, expected, folder = "" }) {
  const library = `${folder}node_modules/${bindingOf(architecture)}/libduckdb.so`;
  const bytes = files.get(library);
  if (!expected) {
    const carried = [...files.keys()].find((path) => path.includes("@duckdb/"));
    if (carried !== undefined) throw new Error(`${name} needs no DuckDB, but carries ${carried}`);
    return;
  }
  if (bytes === undefined) throw new Error(`${name} lacks ${library}`);
  if (machineOf(bytes) !== architecture) throw new Error(`${library} in ${name} is not for ${architecture}`);
  if (Buffer.from(bytes).includes("libc.musl")) throw new Error(`${library} in ${name} is built for musl, not glibc`);
}

/**
 * The processor in an ELF header.
 * @param {Uint8Array} bytes
 */
function machineOf(bytes) {
  const header = Buffer.from(bytes.subarray(0, 20));
  if (header.subarray(0, 4).toString("latin1") !== "\x7fELF") return "no ELF file";
  const machine = header.readUInt16LE(18);
  return machine === 0x3e ? "x64" : machine === 0xb7 ? "arm64" : `machine ${machine}`;
}
