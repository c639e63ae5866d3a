import { rm } from "node:fs/promises";
import { scopeColumns } from "../config/scope-columns.ts";
import type { Config } from "../config/types.ts";
import type { RateTable } from "../core/rates.ts";
import type { CollectDeps } from "../ledger/collect/ingest-delivery.ts";
import { CUBE_DIMENSIONS } from "../ledger/cube.ts";
import type { CostsQuery, OpenCostsDeps } from "../ledger/open-costs.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventBus } from "../ports/event-bus.ts";
import type { Deadline } from "../ports/invocation.ts";
import type { Progress } from "../ports/progress.ts";
import type { Randomness } from "../ports/randomness.ts";
import { openBillStore } from "./open-bill-store.ts";
import { openBillingApis } from "./open-billing-apis.ts";
import { openLake } from "./open-lake.ts";
import { readRates } from "./read-config.ts";

export interface RuntimeOptions {
  config: Config;
  /** Overrides the configuration's lake. */
  lake?: string | undefined;
  asOf?: Date | undefined;
  clock: Clock;
  randomness: Randomness;
  events: EventBus;
  progress: Progress;
  /** Default: none. */
  deadline?: Deadline;
  /** A fresh private folder. */
  createTempFolder(name: string): Promise<string>;
}

/** Everything the use cases need, on whatever platform. */
export interface Runtime extends CollectDeps {
  config: Config;
  rates: RateTable | undefined;
  asOf: Date | undefined;
  costsQuery(): CostsQuery;
  /** Runs with an engine of its own and cleans up after it. */
  withCosts<T>(work: (deps: OpenCostsDeps) => Promise<T>): Promise<T>;
}

const NO_DEADLINE: Deadline = { remainingMs: () => Number.POSITIVE_INFINITY };

/** What DuckDB may use; the rest is spilled. With Node and the library around it a run stays below 512 MB (`docs/performance.md`). */
const ENGINE_MEMORY = "350MB";

/** Opens the lake and puts the use cases' surroundings together. SDKs and the engine are loaded when they are first needed. */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { config, clock, randomness, events, progress, asOf } = options;
  const lake = await openLake(options.lake ?? config.lake, { baseDir: config.baseDir, randomness });
  const createWorkDir = () => options.createTempFolder("work");
  const createEngine = async () => {
    const { createDuckDbEngine } = await import("../ledger/engines/duckdb/duckdb-engine.ts");
    return createDuckDbEngine({ tempDir: await createWorkDir(), memoryLimit: ENGINE_MEMORY });
  };
  return {
    config,
    rates: await readRates(config),
    asOf,
    lake,
    clock,
    randomness,
    progress,
    limits: config.ledger,
    events,
    createEngine,
    createWorkDir,
    apis: openBillingApis(config),
    openBills: openBillStore,
    deadline: options.deadline ?? NO_DEADLINE,
    costsQuery: () => ({
      allocation: config.allocation,
      scopeColumns: scopeColumns(config, CUBE_DIMENSIONS),
      asOf,
    }),
    withCosts: (work) => withCosts(work, { createEngine, createWorkDir, lake }),
  };
}

async function withCosts<T>(
  work: (deps: OpenCostsDeps) => Promise<T>,
  { createEngine, createWorkDir, lake }: Pick<CollectDeps, "createEngine" | "createWorkDir" | "lake">,
): Promise<T> {
  const workDir = await createWorkDir();
  const engine = await createEngine();
  try {
    return await work({ lake, engine, workDir });
  } finally {
    await engine.close();
    await rm(workDir, { recursive: true, force: true });
  }
}
