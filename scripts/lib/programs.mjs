import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

/**
 * A program that `npm run test:all` needs beside npm's packages.
 * @typedef {object} Program
 * @property {string} name
 * @property {string} variable environment variable that names its path, and that tests read it from
 * @property {readonly string[]} candidates names in PATH, or absolute paths
 * @property {string} hint how to get it
 */

/** @type {Program} */
export const CHROMIUM = {
  name: "Chromium",
  variable: "GENOPS_CHROMIUM",
  candidates: [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  ],
  hint: "install it (Debian: apt-get install chromium) or set GENOPS_CHROMIUM",
};

/**
 * @param {Program} program
 * @returns {string | undefined}
 */
export function findProgram({ variable, candidates }, env = process.env) {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const named = env[variable];
  return (named === undefined ? candidates : [named])
    .flatMap((candidate) => (isAbsolute(candidate) ? [candidate] : folders.map((folder) => join(folder, candidate))))
    .find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
