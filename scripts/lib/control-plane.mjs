import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { root } from "./paths.mjs";
import { folderOf, installTestServer, programOf } from "./test-servers.mjs";

/** The Kubernetes control plane that tests run against: a Go program of ours, built once for each state of its sources. */
export const controlPlaneFolder = join(root, "test", "cluster", "controlplane");

/** Environment variable that chooses an older minor, such as "1.36"; empty: the newest. */
export const KUBERNETES_VARIABLE = "GENOPS_KUBERNETES";

/** The minors that have a module file of their own, newest first: `npm run test:soak` runs against them. */
export const OLDER_MINORS = readdirSync(controlPlaneFolder)
  .flatMap((file) => /^go-(1\.\d+)\.mod$/.exec(file)?.[1] ?? [])
  .sort((one, other) => Number(other.split(".")[1]) - Number(one.split(".")[1]));

export const CONTROL_PLANE_TOOL = controlPlaneTool();

/**
 * The control plane of one minor as a tool that `npm run tools:install` builds.
 * @param {string} [minor] an older minor; default: the newest, which go.mod names
 * @returns {import("./test-servers.mjs").TestServerTool}
 */
export function controlPlaneTool(minor = "") {
  const modules = join(controlPlaneFolder, minor === "" ? "go.mod" : `go-${minor}.mod`);
  if (!existsSync(modules)) {
    throw new Error(
      `${KUBERNETES_VARIABLE}: there is no Kubernetes ${minor} here, only the newest and ${OLDER_MINORS.join(", ")}`,
    );
  }
  const version = versionOf(modules, "k8s.io/kubernetes");
  return {
    name: minor === "" ? "controlplane" : `controlplane-${minor}`,
    pin: [
      `k8s.io/kubernetes@${version}`,
      `go.etcd.io/etcd/server/v3@${versionOf(modules, "go.etcd.io/etcd/server/v3")}`,
      `# sources ${hashOf([modules, modules.replace(/mod$/, "sum"), ...sources(controlPlaneFolder)])}`,
    ].join("\n"),
    program: "controlplane",
    needs: "Go 1.26 or newer, a Go module proxy and about 4 GB of disk for its caches",
    steps: (folder) => [
      {
        command: process.env.GENOPS_GO ?? "go",
        args: ["build", "-modfile", basename(modules), "-ldflags", linkFlags(version), "-o", programIn(folder), "."],
        cwd: controlPlaneFolder,
        env: { CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly", GOWORK: "off" },
      },
    ],
  };
}

/**
 * Builds the control plane where that has not been done, and returns its program. It is built aside and moved into place: test runs that
 * start at the same time do not disturb each other.
 * @param {import("./test-servers.mjs").TestServerTool} [tool]
 * @returns {Promise<string>}
 */
export async function ensureControlPlane(tool = CONTROL_PLANE_TOOL, cache = join(root, ".cache", "tools")) {
  const folder = folderOf(tool, cache);
  if (existsSync(join(folder, ".complete")) && existsSync(programOf(tool, cache))) return programOf(tool, cache);
  console.error(
    `Building the Kubernetes control plane of the tests (${tool.name}; minutes the first time, seconds after that) …`,
  );
  mkdirSync(cache, { recursive: true });
  const aside = mkdtempSync(join(cache, "building-"));
  try {
    await installTestServer(tool, aside);
    if (existsSync(join(folder, ".complete"))) return programOf(tool, cache);
    rmSync(folder, { recursive: true, force: true });
    renameSync(folderOf(tool, aside), folder);
    removeOlder(tool, cache);
  } catch (error) {
    if (!existsSync(join(folder, ".complete"))) throw error;
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  return programOf(tool, cache);
}

/**
 * Builds of earlier states of the sources: 140 MB each. One that still runs loses only its name (on Windows it stays).
 * @param {import("./test-servers.mjs").TestServerTool} tool
 * @param {string} cache
 */
function removeOlder(tool, cache) {
  const current = basename(folderOf(tool, cache));
  for (const name of readdirSync(cache)) {
    if (
      name === current ||
      !name.startsWith(`${tool.name}-`) ||
      !/^[0-9a-f]{12}$/.test(name.slice(tool.name.length + 1))
    )
      continue;
    try {
      rmSync(join(cache, name), { recursive: true, force: true });
    } catch {
      // in use
    }
  }
}

/** @param {string} folder */
function programIn(folder) {
  return process.platform === "win32"
    ? join(folder, "Scripts", "controlplane.exe")
    : join(folder, "bin", "controlplane");
}

/**
 * What `/version` says comes from the linker; without it, Kubernetes calls itself v0.0.0-master.
 * @param {string} version
 */
function linkFlags(version) {
  const [major = "", minor = ""] = version.replace(/^v/, "").split(".");
  const values = { gitVersion: version, gitMajor: major, gitMinor: minor };
  return [
    "-s",
    "-w",
    ...Object.entries(values).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`),
  ].join(" ");
}

/**
 * @param {string} file
 * @param {string} module
 */
function versionOf(file, module) {
  const line = readFileSync(file, "utf8")
    .split("\n")
    .map((each) => each.trim().split(/\s+/))
    .find(([name]) => name === module);
  if (line?.[1] === undefined) throw new Error(`${file} does not require ${module}`);
  return line[1];
}

/**
 * Go files and what they embed.
 * @param {string} folder
 */
function sources(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(go|yaml|json)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** @param {readonly string[]} files */
function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${basename(file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  return hash.digest("hex");
}
