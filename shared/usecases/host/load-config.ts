import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseConfig } from "../../config/parse-config.ts";
import type { Config } from "../../config/types.ts";
import { GenOpsError } from "../../core/errors.ts";
import type { BillStore, OpenBillStore } from "../../ports/bill-store.ts";
import type { Platform } from "../../ports/platform.ts";
import type { Secrets } from "../../ports/secrets.ts";
import { openBillStore } from "../open-bill-store.ts";
import { configOf, readConfigText } from "../read-config.ts";

export interface LoadConfigContext {
  platform: Platform;
  /** A folder that lives as long as the process. */
  createTempFolder(name: string): Promise<string>;
  /** Default: by the location's scheme. */
  openStore?: OpenBillStore;
}

/**
 * The configuration that `GENOPS_CONFIG` names: a path, or an object `s3://…`, `azblob://…`, `gs://…`, beside which the files that it
 * names lie, too. Secrets are fetched once, and only those that it mentions.
 */
export async function loadConfig({ platform, createTempFolder, openStore }: LoadConfigContext): Promise<Config> {
  const location = platform.environment["GENOPS_CONFIG"];
  if (location === undefined || location === "") {
    throw new GenOpsError("config", "GENOPS_CONFIG is not set: name the configuration, as in s3://bucket/genops.yaml");
  }
  if (!location.includes("://")) {
    const text = await readConfigText(location);
    const baseDir = path.dirname(path.resolve(location));
    return configOf(text, { fileName: location, baseDir, secrets: await secretsOf(text, platform) });
  }
  const open = openStore ?? ((bucket) => openBillStore(bucket, { environment: platform.environment }));
  const { store, key } = await open(location);
  const text = await readObject(store, key, location);
  const origin = { fileName: location, baseDir: await createTempFolder("config") };
  const context = { ...origin, secrets: await secretsOf(text, platform) };
  for (const name of neighboursOf(parseConfig(text, context))) await fetchNeighbour(store, key, name, origin);
  return configOf(text, context);
}

const SECRET = /\$\{secret:([^}]*)\}/g;

/** `${env:NAME}` from the function's environment, `${secret:NAME}` from what the platform keeps secrets in. */
async function secretsOf(text: string, platform: Platform): Promise<Secrets> {
  const names = [...new Set([...text.matchAll(SECRET)].map(([, name]) => name ?? ""))];
  const known = names.length === 0 ? new Map<string, string>() : await platform.fetchSecrets(names);
  return { read: (kind, name) => (kind === "env" ? platform.environment[name] : known.get(name)) };
}

/** Files that the configuration names and that are read beside it. */
function neighboursOf({ currency, sources }: Config): string[] {
  const statements = sources.flatMap((source) =>
    source.type === "custom" && source.sql.trim().toLowerCase().endsWith(".sql") ? [source.sql.trim()] : [],
  );
  return [...(currency.rates === undefined ? [] : [currency.rates]), ...statements];
}

async function fetchNeighbour(
  store: BillStore,
  configKey: string,
  name: string,
  { fileName, baseDir }: { fileName: string; baseDir: string },
): Promise<void> {
  const relative = path.posix.normalize(name);
  if (path.posix.isAbsolute(relative) || relative === ".." || relative.startsWith("../")) {
    throw new GenOpsError("config", `${name} must lie beside the configuration ${fileName} or below it`);
  }
  const key = path.posix.join(path.posix.dirname(configKey), relative);
  const text = await readObject(store, key, `${fileName.slice(0, fileName.length - configKey.length)}${key}`);
  const file = path.join(baseDir, ...relative.split("/"));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function readObject(store: BillStore, key: string, location: string): Promise<string> {
  const bytes = await store.read(key);
  if (bytes === undefined) throw new GenOpsError("config", `there is no ${location}`);
  return new TextDecoder().decode(bytes);
}
