import { rm } from "node:fs/promises";
import type { OpenCostsDeps } from "../../shared/ledger/open-costs.ts";
import type { TestCollectDeps } from "./collect-deps.ts";

/** Runs with an engine and a work folder of its own over a ledger, and leaves neither behind. */
export async function withEngine<T>(on: TestCollectDeps, work: (deps: OpenCostsDeps) => Promise<T>): Promise<T> {
  const workDir = await on.createWorkDir();
  const engine = await on.createEngine();
  try {
    return await work({ lake: on.lake, engine, workDir });
  } finally {
    await engine.close();
    await rm(workDir, { recursive: true, force: true });
  }
}
