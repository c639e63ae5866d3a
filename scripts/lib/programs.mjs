import { accessSync, constants } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { ACTIONLINT_TOOL, FAKE_GCS_TOOL, MOTO_TOOL, programOf } from "./test-servers.mjs";

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

/** @type {Program} */
export const MOTO = {
  name: "moto",
  variable: "GENOPS_MOTO_SERVER",
  candidates: [programOf(MOTO_TOOL), "moto_server"],
  hint: "npm run tools:install, or set GENOPS_MOTO_SERVER",
};

/** @type {Program} */
export const FAKE_GCS = {
  name: "fake-gcs-server",
  variable: "GENOPS_FAKE_GCS_SERVER",
  candidates: [programOf(FAKE_GCS_TOOL), "fake-gcs-server"],
  hint: "npm run tools:install, or set GENOPS_FAKE_GCS_SERVER",
};

/** @type {Program} */
export const ACTIONLINT = {
  name: "actionlint",
  variable: "GENOPS_ACTIONLINT",
  candidates: [programOf(ACTIONLINT_TOOL), "actionlint"],
  hint: "npm run tools:install, or set GENOPS_ACTIONLINT",
};

/** @type {Program} */
export const CURL = {
  name: "curl",
  variable: "GENOPS_CURL",
  candidates: ["curl"],
  hint: "install it (Debian: apt-get install curl); scripts/install-multicloud-tools.sh fetches with it",
};

/** @type {Program} */
export const TERRAFORM = {
  name: "Terraform",
  variable: "GENOPS_TERRAFORM",
  candidates: ["terraform"],
  hint: "install it (1.9 or newer), or set GENOPS_TERRAFORM",
};

/** @type {Program} */
export const GO = {
  name: "Go",
  variable: "GENOPS_GO",
  candidates: ["go"],
  hint: "install it (1.26 or newer, https://go.dev/dl), or set GENOPS_GO; the Kubernetes control plane of test/cluster is built with it",
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
