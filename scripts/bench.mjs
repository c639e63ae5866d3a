// `npm run bench -- <name> [options]`: runs one of the measurements in test/bench.
import { join } from "node:path";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/main.mjs";
import { root } from "./lib/paths.mjs";
import { runUnderNpm } from "./lib/run.mjs";

await main(async () => {
  const node = await ensureInstalled();
  return runUnderNpm(node, [join(root, "test", "bench", "index.ts"), ...process.argv.slice(2)]);
});
