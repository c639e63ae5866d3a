// `npm start [-- --once]`: installs what is missing, then runs GenOps over the sample bills.
import { join } from "node:path";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/main.mjs";
import { root } from "./lib/paths.mjs";
import { runUnderNpm } from "./lib/run.mjs";

await main(async () => {
  const node = await ensureInstalled();
  return runUnderNpm(node, [join(root, "functions", "local", "cli.ts"), "demo", ...process.argv.slice(2)]);
});
