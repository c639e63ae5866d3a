import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { LedgerConfig } from "../../shared/config/types.ts";
import { parseDecimal } from "../../shared/core/decimal.ts";
import type { CloudEvent } from "../../shared/core/events.ts";
import type { CollectDeps } from "../../shared/ledger/collect/deps.ts";
import { createDuckDbEngine } from "../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import { createFileLake } from "../../shared/platforms/local/file-lake.ts";
import { createSystemClock, createSystemRandomness } from "../../shared/platforms/local/system.ts";
import type { BillingApis } from "../../shared/ports/billing-apis.ts";
import type { Lake } from "../../shared/ports/object-store.ts";

export const LIMITS: LedgerConfig = {
  retainVersionsDays: 400,
  shrinkRows: parseDecimal("0.2"),
  shrinkCost: parseDecimal("0.1"),
  maxInputBytes: 2 ** 40,
  fanOutBytes: 2 ** 40,
};

const noApi = () => Promise.reject(new Error("no billing API in this test"));
export const NO_APIS: BillingApis = {
  costExplorer: noApi,
  costQuery: noApi,
  bigQuery: noApi,
  athena: noApi,
  openCost: noApi,
};

export interface TestCollectDeps extends CollectDeps {
  published: CloudEvent[];
}

/** Real engine, real files; the lake lies in `lakeDir` unless one is given. */
export function createCollectDeps(lakeDir: string, lake?: Lake): TestCollectDeps {
  const randomness = createSystemRandomness();
  const published: CloudEvent[] = [];
  const createWorkDir = () => mkdtemp(path.join(tmpdir(), "genops-test-work-"));
  return {
    published,
    lake: lake ?? createFileLake(lakeDir, randomness),
    clock: createSystemClock(),
    randomness,
    events: { publish: (event) => Promise.resolve(void published.push(event)) },
    progress: { report: () => {}, note: () => {} },
    limits: LIMITS,
    createWorkDir,
    apis: NO_APIS,
    openBills: () => Promise.reject(new Error("no bucket in this test")),
    deadline: { remainingMs: () => Number.POSITIVE_INFINITY },
    createEngine: async () => createDuckDbEngine({ tempDir: await createWorkDir(), memoryLimit: "350MB" }),
  };
}

/** Folders that go away with `clean`. */
export function createFolders(): { make(): Promise<string>; clean(): Promise<void> } {
  const made: string[] = [];
  return {
    async make() {
      const folder = await mkdtemp(path.join(tmpdir(), "genops-test-"));
      made.push(folder);
      return folder;
    },
    async clean() {
      await Promise.all(made.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}
