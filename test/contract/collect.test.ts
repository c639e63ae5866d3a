import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { createFileLake } from "../../shared/platforms/local/file-lake.ts";
import { createSystemRandomness } from "../../shared/platforms/local/system.ts";
import { collectContract } from "./collect.contract.ts";

// The runs over object stores are in `test/stores`.
collectContract(
  "file",
  async () => {
    const root = await mkdtemp(path.join(tmpdir(), "genops-lake-"));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    return async () => createFileLake(root, createSystemRandomness());
  },
  { everyNth: 1 },
);
