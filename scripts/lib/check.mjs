import { CHECK_STEPS, runStep } from "./check-steps.mjs";
import { ensureTools } from "./install.mjs";

/**
 * Runs every checker, printing a line for each; one step counts as one test.
 * @param {string} node
 * @returns {Promise<import("./counts.mjs").Counts>}
 */
export async function runCheck(node) {
  await ensureTools();
  let failed = 0;
  for (const step of CHECK_STEPS) {
    const result = await runStep(step, node);
    const sign = result.ok ? "ok    " : "FAILED";
    console.log(
      `${sign} ${step.name.padEnd(20)} ${String(result.files).padStart(4)} files ${result.seconds.toFixed(1).padStart(6)} s`,
    );
    if (!result.ok) {
      failed += 1;
      console.log(`\n${result.problem}\n`);
    }
  }
  return { passed: CHECK_STEPS.length - failed, failed, skipped: 0 };
}
