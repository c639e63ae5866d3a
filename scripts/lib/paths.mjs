import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the clone. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** The second package: checkers and heavy test tools. */
export const toolsFolder = join(root, "test", "tools");

/** The Node version that GenOps needs: the one the clouds' functions run on. */
export const NODE_MAJOR = 24;

export function majorOf(/** @type {string} */ version) {
  return Number(version.replace(/^v/, "").split(".")[0]);
}

/**
 * The Node that runs GenOps: the one installed as a devDependency, or the one we run on if that is new enough.
 * @returns {string | undefined}
 */
export function findNode(folder = root, current = { path: process.execPath, version: process.versions.node }) {
  const name = process.platform === "win32" ? "node.exe" : "node";
  const installed = join(folder, "node_modules", "node", "bin", name);
  if (existsSync(installed)) return installed;
  return majorOf(current.version) >= NODE_MAJOR && existsSync(current.path) ? current.path : undefined;
}
