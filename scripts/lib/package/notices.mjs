import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.mjs";

const PACKAGE = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/**
 * The licences of what a bundle is made of: most of them ask to be passed on with the code.
 * @param {import("esbuild").Metafile} metafile
 * @returns {import("./bundle.mjs").Files}
 */
export function noticesOf(metafile) {
  /** @type {Map<string, string>} folder of each package → its name */
  const packages = new Map();
  for (const input of Object.keys(metafile.inputs)) {
    const [folder, name] = PACKAGE.exec(input) ?? [];
    if (folder !== undefined && name !== undefined) packages.set(folder, name);
  }
  const texts = [...packages].sort(([a], [b]) => (a < b ? -1 : 1)).map(([folder, name]) => noticeOf(folder, name));
  const own = readFileSync(join(root, "LICENSE"), "utf8");
  return new Map([
    ["LICENSE", new TextEncoder().encode(own)],
    ["THIRD-PARTY-LICENSES", new TextEncoder().encode(texts.join("\n"))],
  ]);
}

/**
 * @param {string} folder relative to the clone
 * @param {string} name
 */
function noticeOf(folder, name) {
  const { version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  const files = readdirSync(join(root, folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = files.sort().map((file) => readFileSync(join(root, folder, file), "utf8").trim());
  return [`===== ${name} ${version} (${license ?? "see below"})`, ...texts, ""].join("\n");
}
