// `npm run test:cluster [-- <files or vitest options>]`: the tests that run against real Kubernetes control planes (test/cluster/README.md).
import { formatCounts } from "./lib/counts.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/main.mjs";
import { CLUSTER_TIER, runTier } from "./lib/tiers.mjs";

await main(async () => {
  const counts = await runTier(CLUSTER_TIER, await ensureInstalled(), { args: process.argv.slice(2) });
  console.log(formatCounts(counts));
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
});
