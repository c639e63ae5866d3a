import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  CONTROL_PLANE_TOOL,
  controlPlaneFolder,
  controlPlaneTool,
  ensureControlPlane,
  OLDER_MINORS,
} from "../../../scripts/lib/control-plane.mjs";
import { folderOf, programOf, type TestServerTool } from "../../../scripts/lib/test-servers.mjs";

const minors = ["", ...OLDER_MINORS];

describe.each(minors)("the control plane of Kubernetes %s", (minor) => {
  const tool = controlPlaneTool(minor);
  const modules = readFileSync(join(controlPlaneFolder, minor === "" ? "go.mod" : `go-${minor}.mod`), "utf8");
  const version = /k8s\.io\/kubernetes v1\.(\S+)/.exec(modules)?.[1] ?? "";

  it("pins every library of Kubernetes to the release of Kubernetes itself", () => {
    const replaced = [...modules.matchAll(/^\tk8s\.io\/\S+ => k8s\.io\/\S+ v(\S+)$/gm)].map((match) => match[1]);
    expect(replaced.length).toBeGreaterThan(25);
    expect(new Set(replaced)).toEqual(new Set([`0.${version}`]));
  });

  it("names its version to the linker", () => {
    const [step] = tool.steps("/folder", tool.pin);
    expect(step?.args.join(" ")).toContain(`gitVersion=v1.${version} `);
    expect(step?.args.join(" ")).toContain(`gitMinor=${version.split(".")[0]} `);
    expect(tool.pin).toContain(`k8s.io/kubernetes@v1.${version}\n`);
  });
});

describe("the control planes", () => {
  it("are the newest minor and two older ones, each in a folder of its own", () => {
    expect(OLDER_MINORS).toHaveLength(2);
    expect(new Set(minors.map((minor) => folderOf(controlPlaneTool(minor)))).size).toBe(3);
    expect(folderOf(controlPlaneTool())).toBe(folderOf(CONTROL_PLANE_TOOL));
  });

  it("are none for a minor without a module file", () => {
    expect(() => controlPlaneTool("1.2")).toThrow("there is no Kubernetes 1.2 here, only the newest and 1.36, 1.35");
  });
});

describe("ensureControlPlane", () => {
  it("builds once, beside its place, and removes what older sources were built into", async () => {
    const cache = mkdtempSync(join(tmpdir(), "genops-control-plane-"));
    try {
      const log = join(cache, "log");
      const write = `
        const { appendFileSync, mkdirSync, writeFileSync } = require("node:fs");
        mkdirSync(require("node:path").dirname(process.argv[1]), { recursive: true });
        writeFileSync(process.argv[1], "");
        appendFileSync(process.argv[2], "built ");`;
      const tool = (pin: string): TestServerTool => ({
        name: "plane",
        pin,
        program: "plane",
        needs: "nothing",
        steps: (folder) => [{ command: process.execPath, args: ["-e", write, join(folder, "bin", "plane"), log] }],
      });
      const first = await ensureControlPlane(tool("one"), cache);
      const [again, meanwhile] = await Promise.all([
        ensureControlPlane(tool("one"), cache),
        ensureControlPlane(tool("one"), cache),
      ]);
      expect([first, again, meanwhile]).toEqual([first, programOf(tool("one"), cache), first]);
      expect(readFileSync(log, "utf8")).toBe("built ");
      const second = await ensureControlPlane(tool("two"), cache);
      expect([existsSync(first), existsSync(second)]).toEqual([false, true]);
      expect(readdirSync(cache).sort()).toEqual(["log", basename(folderOf(tool("two"), cache))]);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });

  it("says what it needs when it cannot build", async () => {
    const cache = mkdtempSync(join(tmpdir(), "genops-control-plane-"));
    try {
      const tool = { ...CONTROL_PLANE_TOOL, steps: () => [{ command: join(cache, "no-such-go"), args: [] }] };
      await expect(ensureControlPlane(tool, cache)).rejects.toThrow("it needs Go 1.26 or newer");
      expect(readdirSync(cache)).toEqual([]);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });
});
