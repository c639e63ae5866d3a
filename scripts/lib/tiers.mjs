import { runCheck } from "./check.mjs";
import { ensureTools } from "./install.mjs";
import { CHROMIUM } from "./programs.mjs";
import { runVitest } from "./vitest.mjs";

/**
 * One part of `npm run test:all`. A tier whose program is missing fails; it is never skipped.
 * @typedef {object} Tier
 * @property {string} name
 * @property {readonly import("./programs.mjs").Program[]} needs
 * @property {(node: string, env: NodeJS.ProcessEnv) => Promise<import("./counts.mjs").Counts>} run
 */

/** @type {readonly Tier[]} */
export const TIERS = [
  { name: "check", needs: [], run: (node) => runCheck(node) },
  { name: "unit", needs: [], run: vitestTier("unit", "--coverage") },
  { name: "browser", needs: [CHROMIUM], run: vitestTier("browser") },
];

/**
 * @param {string} project
 * @param {string[]} args
 * @returns {Tier["run"]}
 */
function vitestTier(project, ...args) {
  return async (node, env) => {
    await ensureTools();
    return (await runVitest(node, ["--project", project, ...args], env)).counts;
  };
}
