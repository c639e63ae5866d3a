import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { findNode, majorOf, NODE_MAJOR, root, toolsFolder } from "./paths.mjs";
import { run } from "./run.mjs";

const OLDEST_NODE = 20;

/**
 * @typedef {{version?: string, optional?: boolean}} LockEntry
 * @typedef {{packages: Record<string, LockEntry>}} Lock
 */

/** What a person has to do before the command can work. Printed without a stack trace. */
export class SetupError extends Error {}

/**
 * Makes sure that the packages GenOps needs are there, and returns the Node to run it with.
 * @returns {Promise<string>}
 */
export async function ensureInstalled() {
  if (majorOf(process.versions.node) < OLDEST_NODE) {
    throw new SetupError(`GenOps needs Node ${OLDEST_NODE} or newer; this is Node ${process.versions.node}.`);
  }
  await install(root, "Installing GenOps' packages (about 500 MB in node_modules, once) …");
  const node = findNode();
  if (node !== undefined) return node;
  throw new SetupError(
    `Node ${NODE_MAJOR} is missing: npm was told not to run install scripts, or the npm package "node" has no program for ` +
      `${process.platform} ${process.arch} in your registry. Run \`npm rebuild node --ignore-scripts=false\`, or install ` +
      `Node ${NODE_MAJOR} yourself, and repeat the command.`,
  );
}

/** Makes sure that the checkers and heavy test tools of the second package are there. */
export async function ensureTools() {
  await install(toolsFolder, "Installing checkers and test tools (about 700 MB in test/tools/node_modules, once) …");
}

/**
 * Installs only when node_modules does not hold what package-lock.json says.
 * @param {string} folder
 * @param {string} notice
 */
async function install(folder, notice) {
  if (isInstalled(folder)) return;
  console.error(notice);
  const started = Date.now();
  if (!(await installLocked(folder))) {
    throw new SetupError(
      "npm could not install the packages; its message is above. Check your connection to the npm registry and repeat the command.",
    );
  }
  removeHeaders(folder);
  console.error(`Installed in ${((Date.now() - started) / 1000).toFixed(0)} s.`);
}

/**
 * A registry may lack the program that the package `node` fetches for this system. Who already runs a new enough Node does not need it.
 * @param {string} folder
 * @returns {Promise<boolean>}
 */
async function installLocked(folder) {
  if ((await npmCi(folder, [])) === 0) return true;
  const canDoWithoutScripts = folder === root && majorOf(process.versions.node) >= NODE_MAJOR;
  return canDoWithoutScripts && (await npmCi(folder, ["--ignore-scripts"])) === 0;
}

/**
 * @param {string} folder
 * @param {readonly string[]} extra
 */
function npmCi(folder, extra) {
  const npm = npmCommand();
  // `--include` wins over NODE_ENV=production and `omit` in a user's settings.
  const options = ["--include=dev", "--include=optional", "--no-audit", "--no-fund", "--loglevel=error", ...extra];
  return run(npm.command, [...npm.args, "ci", ...options], {
    cwd: folder,
    shell: npm.shell,
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/**
 * The npm that started us, so that `npm start` uses one npm throughout; otherwise the one in PATH.
 * Never under the Node in node_modules, which `npm ci` removes.
 */
function npmCommand() {
  const { npm_execpath: cli, npm_node_execpath: node } = process.env;
  if (cli !== undefined && node !== undefined && basename(cli) === "npm-cli.js") {
    return { command: node, args: [cli], shell: false };
  }
  const windows = process.platform === "win32";
  return { command: windows ? "npm.cmd" : "npm", args: [], shell: windows };
}

/** @param {string} folder */
function isInstalled(folder) {
  const wanted = readLock(join(folder, "package-lock.json"));
  const present = readLock(join(folder, "node_modules", ".package-lock.json"));
  if (wanted === undefined) throw new SetupError(`${join(folder, "package-lock.json")} is missing or broken.`);
  return present !== undefined && holds(present, wanted);
}

/**
 * Does an installed tree hold what the lock file says? Optional packages of other systems may be absent, but none may differ.
 * @param {Lock} present
 * @param {Lock} wanted
 */
export function holds(present, wanted) {
  const extra = Object.keys(present.packages).some((path) => wanted.packages[path] === undefined);
  return (
    !extra &&
    Object.entries(wanted.packages).every(([path, entry]) => {
      if (path === "") return true;
      const found = present.packages[path];
      return found === undefined ? entry.optional === true : found.version === entry.version;
    })
  );
}

/**
 * @param {string} file
 * @returns {Lock | undefined}
 */
function readLock(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/**
 * The package `node` brings 67 MB of C headers, which only matter to packages that are compiled here. None is.
 * @param {string} folder
 */
function removeHeaders(folder) {
  const programs = join(folder, "node_modules", "node", "node_modules");
  if (!existsSync(programs)) return;
  for (const name of readdirSync(programs).filter((each) => each.startsWith("node-"))) {
    rmSync(join(programs, name, "include"), { recursive: true, force: true });
  }
}
