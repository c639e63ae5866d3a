import { runCheck } from "./check.mjs";
import { NONE } from "./counts.mjs";
import { ensureTools } from "./install.mjs";
import { ACTIONLINT, CHROMIUM, CURL, FAKE_GCS, findProgram, GO, MOTO, TERRAFORM } from "./programs.mjs";
import { runVitest } from "./vitest.mjs";

/**
 * One part of `npm run test:all`. A tier whose program is missing fails; it is never skipped.
 * @typedef {object} Tier
 * @property {string} name
 * @property {readonly import("./programs.mjs").Program[]} needs
 * @property {(node: string, env: NodeJS.ProcessEnv, args?: readonly string[]) => Promise<import("./counts.mjs").Counts>} run
 */

/**
 * Against real Kubernetes control planes, which the tests' setup builds where that has not been done.
 * @type {Tier}
 */
export const CLUSTER_TIER = {
  name: "cluster",
  needs: [GO],
  run: async (node, env, args = []) => (await runVitest(node, ["--project", "cluster", ...args], env)).counts,
};

/** @type {readonly Tier[]} */
export const TIERS = [
  { name: "check", needs: [], run: (node) => runCheck(node) },
  { name: "unit", needs: [], run: vitestTier("unit", "--coverage") },
  { name: "browser", needs: [CHROMIUM], run: vitestTier("browser") },
  { name: "stores", needs: [MOTO, FAKE_GCS], run: vitestTier("stores") },
  { name: "runtime", needs: [MOTO, FAKE_GCS], run: vitestTier("runtime") },
  { name: "structure", needs: [], run: vitestTier("structure") },
  { name: "terraform", needs: [TERRAFORM], run: vitestTier("terraform") },
  CLUSTER_TIER,
  { name: "delivery", needs: [ACTIONLINT, CURL], run: vitestTier("delivery") },
];

/**
 * Runs a tier with the programs it needs; a missing one is a failure with a sentence.
 * @param {Tier} tier
 * @param {string} node
 * @param {{env?: NodeJS.ProcessEnv, args?: readonly string[]}} [options] for the tests
 * @returns {Promise<import("./counts.mjs").Counts>}
 */
export async function runTier(tier, node, options = {}) {
  const env = { ...options.env };
  for (const program of tier.needs) {
    const path = findProgram(program);
    if (path === undefined) {
      console.log(`${program.name} is missing: ${program.hint}.`);
      return { ...NONE, failed: 1 };
    }
    env[program.variable] = path;
  }
  return tier.run(node, env, options.args);
}

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
