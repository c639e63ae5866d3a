import * as z from "zod";
import { type Preflight, preflight } from "../clusters/health/preflight.ts";
import { rightsFor } from "../clusters/health/rights.ts";
import { ClusterEntry, toClusters } from "../config/clusters.ts";
import type { ClusterConfig } from "../config/types.ts";
import { GenOpsError } from "../core/errors.ts";
import { inParallel } from "../core/in-parallel.ts";
import { readDocument, updateDocument } from "../ledger/json-document.ts";
import { clusterDeps, openCluster } from "./open-clusters.ts";
import type { Runtime } from "./runtime.ts";

/** `clusters/<name>.json`: a cluster that was joined, as it was then. */
const JoinedDocument = z.object({
  /** As in genops.yaml; read again by its rules. */
  cluster: z.record(z.string(), z.unknown()),
  /** Uid of its kube-system namespace: another one is another cluster, whatever its name. */
  uid: z.string(),
  version: z.string(),
  joinedAt: z.string(),
});

/** What `unjoin` has to know of a cluster's holds (`clusters/enforcement`). */
const Holds = z.object({
  holds: z.record(z.string(), z.object({ state: z.string() })),
  own: z.record(z.string(), z.unknown()),
});

export interface RegisteredCluster {
  config: ClusterConfig;
  /** Where it is known from; `genops.yaml` goes before what was joined. */
  from: "configuration" | "joined";
  /** As of the last `join`. */
  joined?: { uid: string; version: string; joinedAt: string };
}

type Store = Pick<Runtime, "lake" | "config">;

/** Every cluster that GenOps knows: those of genops.yaml, and those that were joined since. */
export async function registeredClusters({ lake, config }: Store): Promise<RegisteredCluster[]> {
  const keys: string[] = [];
  for await (const { key } of lake.list("clusters/")) keys.push(key);
  const joined = new Map(
    (await inParallel(keys, 8, (key) => readJoined(lake, key))).flatMap((each) =>
      each === undefined ? [] : [[each.config.name, each] as const],
    ),
  );
  const configured = config.clusters.map((each): RegisteredCluster => {
    const known = joined.get(each.name)?.joined;
    return { config: each, from: "configuration", ...(known === undefined ? {} : { joined: known }) };
  });
  const names = new Set(config.clusters.map(({ name }) => name));
  return [...configured, ...[...joined.values()].filter((each) => !names.has(each.config.name))];
}

async function readJoined(lake: Runtime["lake"], key: string): Promise<RegisteredCluster | undefined> {
  const found = (await readDocument(lake, key, JoinedDocument))?.value;
  if (found === undefined) return undefined;
  const { cluster, ...joined } = found;
  return { config: readEntry(cluster), from: "joined", joined };
}

/** A cluster as the command line or a document describes it, by the rules of genops.yaml. Throws `usage`. */
export function readEntry(entry: Readonly<Record<string, unknown>>): ClusterConfig {
  const parsed = ClusterEntry.safeParse(entry);
  const [config] = parsed.success ? toClusters([parsed.data]) : [];
  if (config !== undefined) return config;
  const issue = parsed.error?.issues[0];
  throw new GenOpsError("usage", `cluster ${String(entry["name"])}: ${issue?.message ?? "invalid"}`, {
    place: { field: issue?.path.join(".") ?? "" },
  });
}

export interface Joined extends Preflight {
  cluster: string;
  /** False: nothing was recorded. */
  joined: boolean;
}

/**
 * Looks at a cluster step by step and, when it can be read, records it with its identity. Throws `usage` for a snapshot, and `refused` when
 * the cluster is known by another name, or when its name stood for another cluster in which something is still held.
 */
export async function joinCluster(runtime: Runtime, cluster: ClusterConfig): Promise<Joined> {
  const { name } = cluster;
  if (cluster.provider === "snapshot")
    throw new GenOpsError("usage", `cluster ${name}: a snapshot cannot be joined; name it in genops.yaml`);
  const deps = clusterDeps(runtime, runtime.randomness.id());
  const found = await preflight(
    () => openCluster(cluster, deps, { dryRun: true, repeats: 1 }),
    rightsFor(cluster.rights ?? "standard"),
  );
  const { identity } = found;
  if (identity === undefined || found.steps.some(({ outcome }) => outcome === "failed"))
    return { ...found, cluster: name, joined: false };
  await refuseMixUp(runtime, name, identity.uid);
  const joinedAt = runtime.clock.now().toISOString();
  await updateDocument(runtime.lake, keyOf(name), JoinedDocument, () => ({
    cluster: { ...cluster },
    ...identity,
    joinedAt,
  }));
  return { ...found, cluster: name, joined: true };
}

/** One cluster under two names would be acted on twice; two clusters under one name would be put back from each other's originals. */
async function refuseMixUp(runtime: Runtime, name: string, uid: string): Promise<void> {
  for (const { config, joined } of await registeredClusters(runtime)) {
    if (joined === undefined) continue;
    if (config.name !== name && joined.uid === uid)
      throw new GenOpsError("refused", `${name} is the cluster that is known as ${config.name}: unjoin that one first`);
    if (config.name === name && joined.uid !== uid && (await heldIn(runtime, name)).length > 0)
      throw new GenOpsError(
        "refused",
        `${name} was another cluster before, and something is still held there: genops clusters unjoin ${name} --force first`,
      );
  }
}

/** Forgets a joined cluster. Throws `refused` while something is held there, unless forced; gives back what is left as it is. */
export async function unjoinCluster(
  runtime: Runtime,
  name: string,
  { force }: { force: boolean },
): Promise<{ cluster: string; left: string[] }> {
  const known = (await registeredClusters(runtime)).find(({ config }) => config.name === name);
  if (known === undefined) throw new GenOpsError("usage", `there is no cluster ${name}; see genops clusters list`);
  if (known.from === "configuration" && known.joined === undefined)
    throw new GenOpsError("usage", `cluster ${name} stands in genops.yaml: remove it there`);
  const left = await heldIn(runtime, name);
  if (left.length > 0 && !force)
    throw new GenOpsError(
      "refused",
      `${left.length} changes are held in ${name} (${left.slice(0, 3).join(", ")}): put them back with genops enforce restore, or leave them with --force`,
    );
  await runtime.lake.delete(keyOf(name));
  return { cluster: name, left };
}

/** What would stay changed: uids of objects and ids of steps. */
async function heldIn({ lake }: Pick<Runtime, "lake">, name: string): Promise<string[]> {
  const found = (await readDocument(lake, `enforcement/clusters/${name}.json`, Holds))?.value;
  if (found === undefined) return [];
  const held = Object.entries(found.holds).filter(([, { state }]) => state !== "gone");
  return [...held.map(([uid]) => uid), ...Object.keys(found.own)];
}

function keyOf(name: string): string {
  return `clusters/${name}.json`;
}
