import { rm } from "node:fs/promises";
import { scopeColumns } from "../config/scope-columns.ts";
import type { Config } from "../config/types.ts";
import type { RateTable } from "../core/rates.ts";
import { ensureCube } from "../ledger/build-cube.ts";
import type { CollectDeps } from "../ledger/collect/deps.ts";
import { CUBE_DIMENSIONS } from "../ledger/cube.ts";
import { createRoutedLake } from "../ledger/home-lakes.ts";
import { ensureHourlyCosts } from "../ledger/hourly-costs.ts";
import type { CostsQuery, OpenCostsDeps } from "../ledger/open-costs.ts";
import { cloudOfLake, createMeteredLake } from "../ledger/own-usage/metered-lake.ts";
import { createUsageMeter, type UsageCloud, type UsageMeter } from "../ledger/own-usage/usage.ts";
import { ensureUnitCosts } from "../ledger/unit-costs.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventBus } from "../ports/event-bus.ts";
import type { Deadline } from "../ports/invocation.ts";
import type { Progress } from "../ports/progress.ts";
import type { Randomness } from "../ports/randomness.ts";
import { openBillStore } from "./open-bill-store.ts";
import { openBillingApis } from "./open-billing-apis.ts";
import { type Credentials, openCredentials } from "./open-credentials.ts";
import { openHomeLakes } from "./open-home-lakes.ts";
import { openLake } from "./open-lake.ts";
import { readRates } from "./read-config.ts";
import type { Environment } from "./static-environment.ts";

export interface RuntimeOptions {
  config: Config;
  /** Overrides the configuration's lake. */
  lake?: string | undefined;
  /** Name of the lake in `lakes` at which this process runs; undefined: at the primary one. */
  home?: string | undefined;
  /** The cloud that this process runs in: what it costs there is counted. Default: `local`, which costs nothing. */
  cloud?: UsageCloud;
  /** The process's variables, for credentials. Default: none. */
  environment?: Readonly<Record<string, string | undefined>>;
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
  /** `lake` is the one that is open. */
  config: Config;
  rates: RateTable | undefined;
  asOf: Date | undefined;
  /** Counts what GenOps itself uses (`usecases/own-cost`). */
  usage: UsageMeter;
  /** Who this process is in each cloud. */
  credentials: Credentials;
  /** The process's variables. */
  environment: Environment;
  /** May the rows of this source be read and written by this process (L10)? */
  isHere(source: string): boolean;
  /** Is this process the one that collects this source on a schedule: do both have the same home? */
  isHome(source: string): boolean;
  costsQuery(): CostsQuery;
  /** Runs with an engine of its own and cleans up after it. */
  withCosts<T>(work: (deps: OpenCostsDeps) => Promise<T>): Promise<T>;
}

const NO_DEADLINE: Deadline = { remainingMs: () => Number.POSITIVE_INFINITY };

/** What DuckDB may use; the rest is spilled. With Node and the library around it a run stays below 512 MB (`docs/performance.md`). */
const ENGINE_MEMORY = "350MB";

/** Opens the lake and puts the use cases' surroundings together. SDKs and the engine are loaded when they are first needed. */
export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { clock, randomness, events, progress, asOf } = options;
  const config = { ...options.config, lake: options.lake ?? options.config.lake };
  const usage = createUsageMeter();
  const credentials = () =>
    openCredentials({
      home: options.cloud ?? "local",
      credentials: config.credentials,
      allowStaticCredentials: config.allowStaticCredentials,
      environment: options.environment ?? {},
      clock,
    });
  const storage = {
    clock,
    credentials: credentials(),
    environment: options.environment,
    allowStaticCredentials: config.allowStaticCredentials,
  };
  const open = async (location: string) =>
    createMeteredLake(await openLake(location, { ...storage, baseDir: config.baseDir, randomness }), {
      cloud: cloudOfLake(location),
      here: options.cloud ?? "local",
      meter: usage,
    });
  const primary = await open(config.lake);
  const homes = openHomeLakes(config, options.home, open);
  const lake = homes.names.length === 0 ? primary : createRoutedLake(primary, homes);
  const createWorkDir = () => options.createTempFolder("work");
  const createEngine = async () => {
    const { createDuckDbEngine } = await import("../ledger/engines/duckdb/duckdb-engine.ts");
    return createDuckDbEngine({ tempDir: await createWorkDir(), memoryLimit: ENGINE_MEMORY });
  };
  const costsQuery = () => ({
    allocation: config.allocation,
    scopeColumns: scopeColumns(config, CUBE_DIMENSIONS),
    clusters: config.sources.flatMap((source) =>
      source.type === "opencost" ? [{ source: source.id, match: source.match }] : [],
    ),
    asOf,
  });
  const costs = <T>(work: (deps: OpenCostsDeps) => Promise<T>) =>
    withCosts(work, { createEngine, createWorkDir, lake });
  return {
    config,
    rates: await readRates(config),
    asOf,
    usage,
    credentials: storage.credentials,
    environment: options.environment ?? {},
    lake,
    clock,
    randomness,
    progress,
    limits: config.ledger,
    events,
    createEngine,
    createWorkDir,
    apis: openBillingApis({ clock, randomness, usage, credentials }),
    openBills: (location) => openBillStore(location, storage),
    deadline: options.deadline ?? NO_DEADLINE,
    isHere: (source) => {
      const home = homes.homeOf(source);
      return home === undefined ? homes.isPrimaryWithinReach(source) : homes.isWithinReach(home);
    },
    isHome: (source) => homes.homeOf(source) === options.home,
    // Who cannot read the rows reads the cube, so it comes first.
    beforeCommit: async (version) => {
      const isShares = costsQuery().clusters.some(({ source }) => source === version.source);
      if (homes.names.length > 0 && version.rows > 0 && !isShares)
        await costs(async (deps) => {
          await ensureCube(deps, costsQuery(), version);
          await ensureUnitCosts(deps, version);
          await ensureHourlyCosts(deps, version);
        });
    },
    scopeColumns: costsQuery().scopeColumns,
    costsQuery,
    withCosts: costs,
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
