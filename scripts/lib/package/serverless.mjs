import { join } from "node:path";
import { findNode, root, toolsFolder } from "../paths.mjs";
import { capture } from "../run.mjs";

/**
 * Runs `osls package` over `serverless.yml`: offline, without AWS credentials. Returns the path of the CloudFormation template, which is
 * made beside the zips.
 * @param {import("./duckdb.mjs").Architecture} architecture
 * @param {string} [artifacts] folder of the zips
 */
export async function packageTemplate(architecture, artifacts = "dist/aws") {
  const folder = `${artifacts}/serverless`;
  const osls = join(toolsFolder, "node_modules", "osls", "bin", "serverless.js");
  const parameters = [`architecture=${architecture === "arm64" ? "arm64" : "x86_64"}`, `artifacts=${artifacts}`];
  const { code, output } = await capture(
    findNode() ?? process.execPath,
    [osls, "package", "--package", folder, ...parameters.flatMap((parameter) => ["--param", parameter])],
    // Nothing is to be asked, told or fetched.
    { cwd: root, env: { ...process.env, SLS_TRACKING_DISABLED: "1", SLS_NOTIFICATIONS_MODE: "off", CI: "1" } },
  );
  if (code !== 0) throw new Error(`osls package failed:\n${output}`);
  return join(folder, "cloudformation-template-update-stack.json");
}
