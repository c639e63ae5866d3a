import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "./paths.ts";
import { NOW, type Workspace } from "./workspace.ts";

/** Runs the command line over a workspace, whatever its exit code says about budgets, and gives back its JSON. */
export async function runCli({ config, lake, secrets }: Workspace, args: readonly string[]): Promise<string> {
  const cli = path.join(root, "functions", "local", "cli.ts");
  const common = ["--config", config, "--lake", lake, "--now", NOW, "--format", "json"];
  const env = { ...process.env, GENOPS_SECRETS_DIR: secrets };
  try {
    return (await promisify(execFile)(process.execPath, [cli, ...args, ...common], { cwd: root, env })).stdout;
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    // 1 also ends a program that never began.
    if (code === 1 && stdout !== "") return stdout;
    throw new Error(`genops ${args.join(" ")}: ${stderr}`, { cause: error });
  }
}
