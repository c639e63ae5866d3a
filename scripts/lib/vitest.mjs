import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { settleCounts } from "./counts.mjs";
import { root } from "./paths.mjs";
import { runUnderNpm } from "./run.mjs";

/**
 * Runs Vitest once, printing as it goes.
 * @param {string} node
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env] added to ours
 * @returns {Promise<{code: number, counts: import("./counts.mjs").Counts}>}
 */
export async function runVitest(node, args, env = {}) {
  const folder = mkdtempSync(join(tmpdir(), "genops-test-"));
  try {
    const countsFile = join(folder, "counts.json");
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=default", `--reporter=${join(root, "scripts", "lib", "counts-reporter.mjs")}`];
    const code = await runUnderNpm(node, [vitest, "run", ...reporters, ...args], {
      cwd: root,
      env: { ...process.env, ...env, GENOPS_TEST_COUNTS: countsFile },
    });
    const counts = settleCounts(readJson(countsFile), code);
    return { code: code === 0 && counts.failed > 0 ? 1 : code, counts };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
