// `npm run test:soak [-- <files or vitest options>]`: the tests of `test:cluster` on the older minors of Kubernetes that have a module file.
// The first run builds each of them, which takes many minutes.
import { KUBERNETES_VARIABLE, OLDER_MINORS } from "./lib/control-plane.mjs";
import { formatCounts, sumCounts } from "./lib/counts.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/main.mjs";
import { CLUSTER_TIER, runTier } from "./lib/tiers.mjs";

await main(async () => {
  const node = await ensureInstalled();
  const results = [];
  for (const minor of OLDER_MINORS) {
    console.log(`\n── Kubernetes ${minor} ──`);
    results.push(
      await runTier(CLUSTER_TIER, node, { args: process.argv.slice(2), env: { [KUBERNETES_VARIABLE]: minor } }),
    );
  }
  const total = sumCounts(results);
  console.log(formatCounts(total));
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
});
