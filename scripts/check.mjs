// `npm run check`: format, lint, types, imports, dead code.
import { runCheck } from "./lib/check.mjs";
import { ensureInstalled } from "./lib/install.mjs";
import { main } from "./lib/main.mjs";

await main(async () => {
  const counts = await runCheck(await ensureInstalled());
  return counts.failed === 0 ? 0 : 1;
});
