// `npm run test:all`: the checkers, the tests with coverage, and the tests that need programs beside npm's packages.
import { formatCounts, sumCounts } from "./lib/counts.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/main.mjs";
import { runTier, TIERS } from "./lib/tiers.mjs";

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
