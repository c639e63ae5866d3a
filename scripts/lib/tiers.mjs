import { runCheck } from "./check.mjs";
import { ensureTools } from "./install.mjs";
import { ACTIONLINT, CHROMIUM, CURL, FAKE_GCS, MOTO, TERRAFORM } from "./programs.mjs";
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
  { name: "stores", needs: [MOTO, FAKE_GCS], run: vitestTier("stores") },
  { name: "runtime", needs: [MOTO, FAKE_GCS], run: vitestTier("runtime") },
  { name: "structure", needs: [], run: vitestTier("structure") },
  { name: "terraform", needs: [TERRAFORM], run: vitestTier("terraform") },
  { name: "delivery", needs: [ACTIONLINT, CURL], run: vitestTier("delivery") },
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
