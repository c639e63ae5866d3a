// `npm run lock:complete [-- --ask]`: after `npm install`, adds what a registry did not know to both lock files.
// With --ask the registry is asked for the integrity hash of each added package.
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { completeLock, missingPackages } from "./lib/complete-lock.mjs";
import { root, toolsFolder } from "./lib/paths.mjs";
import { capture } from "./lib/run.mjs";

const ask = process.argv.includes("--ask");

for (const file of [join(root, "package-lock.json"), join(toolsFolder, "package-lock.json")]) {
  const lock = JSON.parse(readFileSync(file, "utf8"));
  const missing = missingPackages(lock);
  const completed = await completeLock(lock, ask ? askRegistry : async () => undefined);
  if (missing.length > 0) writeFileSync(file, `${JSON.stringify(completed, null, 2)}\n`);
  console.log(`${relative(root, file)}: ${missing.length} packages added`);
}

/** @param {string} spec */
async function askRegistry(spec) {
  const answer = await capture("npm", ["view", spec, "dist.integrity", "--loglevel=silent"], {
    shell: process.platform === "win32",
  });
  return answer.stdout.trim() || undefined;
}
