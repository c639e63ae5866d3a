import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../unit/repository/repository-files.ts";

const folder = join(root, ".github", "workflows");
const FILES = readdirSync(folder).filter((name) => name.endsWith(".yml"));

let scratch: string;

beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "genops-actionlint-"));
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe("actionlint", () => {
  it("sees the workflows", () => {
    expect(FILES.sort()).toEqual(["checks.yml", "deploy-multi-cloud.yml", "terraform-providers.yml"]);
  });

  it.each(FILES)("finds nothing in %s", async (name) => {
    expect(await lint(join(folder, name))).toEqual([]);
  });

  it("would find a step's output that no step has, and a context that does not exist", async () => {
    const file = join(scratch, "broken.yml");
    const steps = ["${{ steps.missing.outputs.x }}", "${{ nothing.y }}"].map((value) => `      - run: echo ${value}\n`);
    writeFileSync(file, `on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n${steps.join("")}`);
    expect(await lint(file)).toEqual([
      expect.stringContaining('property "missing" is not defined'),
      expect.stringContaining('undefined variable "nothing"'),
    ]);
  });
});

/** Messages about one file. Programs that actionlint may call beside it are left out: not every machine has them. */
function lint(file: string): Promise<string[]> {
  const program = process.env["GENOPS_ACTIONLINT"] ?? "actionlint";
  const args = ["-no-color", "-oneline", "-shellcheck=", "-pyflakes=", file];
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: root }, (error, stdout) => {
      // 1 means that it found something.
      if (error === null || error.code === 1) resolve(stdout.split("\n").filter((line) => line !== ""));
      else reject(error);
    });
  });
}
