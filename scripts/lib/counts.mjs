/** @typedef {{passed: number, failed: number, skipped: number}} Counts */

/** @type {Counts} */
export const NONE = { passed: 0, failed: 0, skipped: 0 };

/**
 * @param {readonly Counts[]} all
 * @returns {Counts}
 */
export function sumCounts(all) {
  return all.reduce(
    (total, counts) => ({
      passed: total.passed + counts.passed,
      failed: total.failed + counts.failed,
      skipped: total.skipped + counts.skipped,
    }),
    NONE,
  );
}

/** @param {Counts} counts */
export function formatCounts(counts) {
  return `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
}

/**
 * @param {readonly {failed: boolean, tests: readonly string[]}[]} files per test file: did it fail, and each test's state
 * @param {number} errors errors outside of tests
 * @returns {Counts}
 */
export function countRun(files, errors) {
  const states = files.flatMap(({ tests }) => tests);
  const count = (/** @type {string} */ state) => states.filter((each) => each === state).length;
  // A file that could not be loaded, or whose hooks failed, has no failed test to count.
  const broken = files.filter(({ failed, tests }) => failed && !tests.includes("failed")).length;
  return {
    passed: count("passed"),
    failed: count("failed") + broken + errors,
    skipped: count("skipped") + count("pending"),
  };
}

/**
 * Whatever made a run fail counts at least once, and so does a run that ran nothing.
 * @param {Counts | undefined} counts
 * @param {number} exitCode
 * @returns {Counts}
 */
export function settleCounts(counts, exitCode) {
  if (counts === undefined) return { ...NONE, failed: 1 };
  const unexplained = exitCode !== 0 || counts.passed === 0;
  return counts.failed === 0 && unexplained ? { ...counts, failed: 1 } : counts;
}
