import { writeFileSync } from "node:fs";
import { countRun } from "./counts.mjs";

/**
 * A Vitest reporter that leaves the run's counts in the file that GENOPS_TEST_COUNTS names.
 * @returns {import("vitest/node").Reporter}
 */
export default function createCountsReporter() {
  return {
    onTestRunEnd(modules, errors) {
      const files = modules.map((module) => ({
        failed: module.state() === "failed",
        tests: [...module.children.allTests()].map((test) => test.result().state),
      }));
      const path = process.env.GENOPS_TEST_COUNTS;
      if (path !== undefined) writeFileSync(path, JSON.stringify(countRun(files, errors.length)));
    },
  };
}
