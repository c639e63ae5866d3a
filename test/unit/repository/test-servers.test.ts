import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  folderOf,
  installTestServer,
  programOf,
  TEST_SERVER_TOOLS,
  type TestServerTool,
} from "../../../scripts/lib/test-servers.mjs";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function makeCache(): string {
  const folder = mkdtempSync(join(tmpdir(), "genops-tools-"));
  folders.push(folder);
  return folder;
}

/** A tool whose installation writes its program and counts itself in `log`. */
function createTool(cache: string, pin = "tool@1"): { tool: TestServerTool; log: string } {
  const log = join(cache, "log");
  writeFileSync(log, "", { flag: "a" });
  const script = `
    const { mkdirSync, writeFileSync, appendFileSync } = require("node:fs");
    mkdirSync(require("node:path").dirname(process.argv[1]), { recursive: true });
    writeFileSync(process.argv[1], "");
    appendFileSync(process.argv[2], "installed ");`;
  const tool: TestServerTool = {
    name: "tool",
    pin,
    program: "tool",
    needs: "nothing",
    steps: () => [{ command: process.execPath, args: ["-e", script, programOf(tool, cache), log] }],
  };
  return { tool, log };
}

describe("installTestServer", () => {
  it("installs once", async () => {
    const cache = makeCache();
    const { tool, log } = createTool(cache);
    expect([await installTestServer(tool, cache), await installTestServer(tool, cache)]).toEqual([
      "installed",
      "was there",
    ]);
    expect(await readFile(log, "utf8")).toBe("installed ");
  });

  it("installs again after an interruption, and another pin beside the first", async () => {
    const cache = makeCache();
    const { tool, log } = createTool(cache);
    await installTestServer(tool, cache);
    rmSync(join(folderOf(tool, cache), ".complete"));
    await installTestServer(tool, cache);
    const other = createTool(cache, "tool@2").tool;
    await installTestServer(other, cache);
    expect(await readFile(log, "utf8")).toBe("installed installed installed ");
    expect(folderOf(other, cache)).not.toBe(folderOf(tool, cache));
  });

  it("says what it needs when a step fails or its program is missing", async () => {
    const cache = makeCache();
    const { tool } = createTool(cache);
    const failing = {
      ...tool,
      needs: "Go",
      steps: () => [{ command: process.execPath, args: ["-e", "process.exit(3)"] }],
    };
    await expect(installTestServer(failing, cache)).rejects.toThrow("tool could not be installed; it needs Go");
    const missing = { ...tool, needs: "Go", steps: () => [{ command: join(cache, "no-such-program"), args: [] }] };
    await expect(installTestServer(missing, cache)).rejects.toThrow("it needs Go");
  });
});

describe("the servers that tests need", () => {
  it("are pinned to exact versions", () => {
    const pins = TEST_SERVER_TOOLS.flatMap(({ pin }) => pin.split("\n")).filter((line) => /^[^#\s]/.test(line));
    expect(pins.length).toBeGreaterThan(20);
    expect(pins.filter((pin) => !/^[\w.[\]-]+==[\w.]+$|^[\w./-]+@v\d+\.\d+\.\d+$/.test(pin))).toEqual([]);
  });
});
