// `npm run bench -- <name> [options]`: runs one of the measurements in test/bench.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ensureInstalled, SetupError } from "./lib/install.mjs";
import { main } from "./lib/main.mjs";
import { root } from "./lib/paths.mjs";
import { run } from "./lib/run.mjs";

const folder = join(root, "test", "bench");
const [name = "", ...options] = process.argv.slice(2);

await main(async () => {
  if (!/^[\w-]+$/.test(name) || !existsSync(join(folder, `${name}.ts`))) {
    throw new SetupError(`Use: npm run bench -- ${benchNames().join(" | ")}`);
  }
  const node = await ensureInstalled();
  return run(node, [join(folder, `${name}.ts`), ...options]);
});

function benchNames() {
  return readdirSync(folder)
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.slice(0, -".ts".length))
    .sort();
}
