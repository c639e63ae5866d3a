// `npm test [-- <files or vitest options>]`: installs what is missing, then runs every test that needs no more than npm.
import { formatCounts } from "./lib/counts.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/main.mjs";
import { runVitest } from "./lib/vitest.mjs";

await main(async () => {
  const node = await ensureInstalled();
  const result = await runVitest(node, ["--project", "unit", ...process.argv.slice(2)]);
  console.log(formatCounts(result.counts));
  return result.code;
});
