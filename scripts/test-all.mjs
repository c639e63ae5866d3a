// `npm run test:all`: the checkers, the tests with coverage, and the tests that need programs beside npm's packages.
import { formatCounts, NONE, sumCounts } from "./lib/counts.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/main.mjs";
import { findProgram } from "./lib/programs.mjs";
import { TIERS } from "./lib/tiers.mjs";

await main(async () => {
  const node = await ensureInstalled();
  const results = [];
  for (const tier of TIERS) {
    console.log(`\n── ${tier.name} ──`);
    results.push({ name: tier.name, counts: await runTier(tier, node) });
  }
  console.log("");
  for (const { name, counts } of results) console.log(`${name.padEnd(10)} ${formatCounts(counts)}`);
  const total = sumCounts(results.map(({ counts }) => counts));
  console.log(formatCounts(total));
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
});

/**
 * @param {import("./lib/tiers.mjs").Tier} tier
 * @param {string} node
 */
async function runTier(tier, node) {
  /** @type {NodeJS.ProcessEnv} */
  const env = {};
  for (const program of tier.needs) {
    const path = findProgram(program);
    if (path === undefined) {
      console.log(`${program.name} is missing: ${program.hint}.`);
      return { ...NONE, failed: 1 };
    }
    env[program.variable] = path;
  }
  return tier.run(node, env);
}
