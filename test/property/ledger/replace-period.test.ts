import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { onTestFinished } from "vitest";
import { createFileLake } from "../../../shared/platforms/local/file-lake.ts";
import { createSystemRandomness } from "../../../shared/platforms/local/system.ts";
import { ledgerContract } from "../../contract/ledger.contract.ts";
import { createMemoryLake } from "../../support/memory-lake.ts";

// The runs over object stores are in `test/stores`.
ledgerContract(
  "memory",
  async () => {
    const lake = createMemoryLake();
    return async () => lake;
  },
  { runs: 60 },
);

ledgerContract(
  "file",
  async () => {
    const root = await mkdtemp(path.join(tmpdir(), "genops-lake-"));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    return async () => createFileLake(root, createSystemRandomness());
  },
  { runs: 8 },
);
