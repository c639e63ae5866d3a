// `npm run format [-- <paths>]`: formats the code and applies the linter's safe fixes.
import { join } from "node:path";
import { ensureInstalled, ensureTools } from "./lib/install.mjs";
import { main } from "./lib/main.mjs";
import { root, toolsFolder } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";

await main(async () => {
  const node = await ensureInstalled();
  await ensureTools();
  const biome = join(toolsFolder, "node_modules", "@biomejs", "biome", "bin", "biome");
  const paths = process.argv.slice(2);
  return run(node, [biome, "check", "--write", ...(paths.length === 0 ? ["."] : paths)], { cwd: root });
});
