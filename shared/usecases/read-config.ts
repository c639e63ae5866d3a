import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseConfig } from "../config/parse-config.ts";
import type { Config } from "../config/types.ts";
import { GenOpsError, messageOf } from "../core/errors.ts";
import { parseRates, type RateTable } from "../core/rates.ts";
import type { Secrets } from "../ports/secrets.ts";

/** Reads genops.yaml and the statements it names. `location` is a path; messages name it as it was given. */
export async function readConfig(location: string, secrets: Secrets): Promise<Config> {
  const text = await readConfigText(location);
  return configOf(text, { fileName: location, baseDir: path.dirname(path.resolve(location)), secrets });
}

/** A configuration from its text; the statements it names are read from `baseDir`. */
export async function configOf(
  text: string,
  context: { fileName: string; baseDir: string; secrets: Secrets },
): Promise<Config> {
  return withStatements(parseConfig(text, context));
}

export async function readConfigText(location: string): Promise<string> {
  try {
    return await readFile(path.resolve(location), "utf8");
  } catch (error) {
    throw new GenOpsError(
      "config",
      `cannot read the configuration ${location}: ${messageOf(error)}; write one with genops init`,
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

/** The dated exchange rates, if the configuration names a table. */
export async function readRates(config: Config): Promise<RateTable | undefined> {
  if (config.currency.rates === undefined) return undefined;
  const file = path.resolve(config.baseDir, config.currency.rates);
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw new GenOpsError("config", `cannot read the rate table: ${messageOf(error)}`, {
      place: { field: "currency.rates" },
      cause: error,
    });
  });
  return parseRates(text, path.basename(file));
}
