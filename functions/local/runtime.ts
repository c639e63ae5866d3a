import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { parseConfig } from "../../shared/config/parse-config.ts";
import { scopeColumns } from "../../shared/config/scope-columns.ts";
import type { Config } from "../../shared/config/types.ts";
import { GenOpsError, messageOf } from "../../shared/core/errors.ts";
import type { CloudEvent } from "../../shared/core/events.ts";
import { parseRates, type RateTable } from "../../shared/core/rates.ts";
import type { CollectDeps } from "../../shared/ledger/collect/ingest-delivery.ts";
import { CUBE_DIMENSIONS } from "../../shared/ledger/cube.ts";
import { createDuckDbEngine } from "../../shared/ledger/engines/duckdb/duckdb-engine.ts";
import type { CostsQuery, OpenCostsDeps } from "../../shared/ledger/open-costs.ts";
import { createFileLake } from "../../shared/platforms/local/file-lake.ts";
import { createLocalSecrets, createSystemClock, createSystemRandomness } from "../../shared/platforms/local/system.ts";
import type { Progress } from "../../shared/ports/progress.ts";
import { createTempFolder } from "./temp-folders.ts";

export interface RuntimeOptions {
  /** Path of genops.yaml. */
  configFile: string;
  /** Overrides the configuration's lake. */
  lake?: string | undefined;
  /** The evaluation clock. */
  now?: Date | undefined;
  /** The wall clock starts at `now` too; only for lakes that are thrown away. */
  shiftClock?: boolean | undefined;
  asOf?: Date | undefined;
  progress: Progress;
  environment: Readonly<Record<string, string | undefined>>;
}

/** Everything the local runtime's use cases need. */
export interface Runtime extends CollectDeps {
  config: Config;
  rates: RateTable | undefined;
  asOf: Date | undefined;
  /** Events that were published since the start, oldest first; the local scheduler reacts to them. */
  published: CloudEvent[];
  costsQuery(): CostsQuery;
  /** Runs with an engine of its own and cleans up after it. */
  withCosts<T>(work: (deps: OpenCostsDeps) => Promise<T>): Promise<T>;
}

/** What DuckDB may use; the rest is spilled. With Node and the library around it a run stays below 512 MB (`docs/performance.md`). */
const ENGINE_MEMORY = "350MB";

export async function createRuntime(options: RuntimeOptions): Promise<Runtime> {
  const configFile = path.resolve(options.configFile);
  const config = await withStatements(
    parseConfig(await readConfigText(configFile, options.configFile), {
      fileName: options.configFile,
      baseDir: path.dirname(configFile),
      secrets: createLocalSecrets(options.environment),
    }),
  );
  const randomness = createSystemRandomness();
  const lake = createFileLake(lakeFolder(options.lake ?? config.lake, config.baseDir), randomness);
  const published: CloudEvent[] = [];
  const createWorkDir = () => createTempFolder("work");
  const createEngine = async () => createDuckDbEngine({ tempDir: await createWorkDir(), memoryLimit: ENGINE_MEMORY });
  return {
    config,
    rates:
      config.currency.rates === undefined
        ? undefined
        : await readRates(path.resolve(config.baseDir, config.currency.rates)),
    asOf: options.asOf,
    published,
    lake,
    clock: createSystemClock(options.now, options.shiftClock),
    randomness,
    progress: options.progress,
    limits: config.ledger,
    events: { publish: (event) => Promise.resolve(void published.push(event)) },
    createEngine,
    createWorkDir,
    costsQuery: () => ({
      allocation: config.allocation,
      scopeColumns: scopeColumns(config, CUBE_DIMENSIONS),
      asOf: options.asOf,
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

async function readConfigText(file: string, name: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new GenOpsError(
      "config",
      `cannot read the configuration ${name}: ${messageOf(error)}; write one with genops init`,
      { cause: error },
    );
  }
}

/** A custom source's SELECT that lies in a `.sql` file beside the configuration: its text decides the rows, so it takes the path's place. */
async function withStatements(config: Config): Promise<Config> {
  const sources = config.sources.map(async (source) =>
    source.type === "custom" && source.sql.trim().toLowerCase().endsWith(".sql")
      ? { ...source, sql: await readStatement(path.resolve(config.baseDir, source.sql.trim()), source.id) }
      : source,
  );
  return { ...config, sources: await Promise.all(sources) };
}

async function readStatement(file: string, source: string): Promise<string> {
  return readFile(file, "utf8").catch((error: unknown) => {
    throw new GenOpsError("config", `cannot read the SELECT: ${messageOf(error)}`, {
      place: { source, field: "sql" },
      cause: error,
    });
  });
}

async function readRates(file: string): Promise<RateTable> {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new GenOpsError("config", `cannot read the rate table: ${messageOf(error)}`, {
      place: { field: "currency.rates" },
      cause: error,
    });
  });
  return parseRates(text, path.basename(file));
}

function lakeFolder(lake: string, baseDir: string): string {
  const match = /^file:(?:\/\/)?(.+)$/.exec(lake);
  if (match?.[1] === undefined) {
    throw new GenOpsError("config", `lake "${lake}": only file: lakes are available in this version`, {
      place: { field: "lake" },
    });
  }
  return path.resolve(baseDir, match[1]);
}
