import { mkdtempSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

let root: string | undefined;

/** A fresh private folder that is gone when the process ends, however it ends short of SIGKILL. */
export function createTempFolder(name: string): Promise<string> {
  if (root === undefined) {
    const made = mkdtempSync(path.join(tmpdir(), "genops-"));
    root = made;
    process.on("exit", () => rmSync(made, { recursive: true, force: true }));
  }
  return mkdtemp(path.join(root, `${name}-`));
}
