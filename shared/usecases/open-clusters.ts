import { readFile } from "node:fs/promises";
import path from "node:path";
import type { KubeAccess } from "../clusters/connections/connection.ts";
import type { KubeClient } from "../clusters/connections/types.ts";
import type { ClusterConfig } from "../config/types.ts";
import { GenOpsError, messageOf } from "../core/errors.ts";
import { VERSION } from "../core/version.ts";
import type { Clock } from "../ports/clock.ts";
import type { Deadline } from "../ports/invocation.ts";
import type { Randomness } from "../ports/randomness.ts";
import { openClusterAccess } from "./open-cluster-access.ts";
import type { Credentials } from "./open-credentials.ts";
import type { Runtime } from "./runtime.ts";
import type { Environment } from "./static-environment.ts";

export interface OpenClusterDeps {
  credentials: Credentials;
  allowStaticCredentials: boolean;
  /** What relative paths refer to. */
  baseDir: string;
  /** Of the process: what credential plugins are started with. */
  environment: Environment;
  clock: Clock;
  randomness: Randomness;
  deadline?: Deadline | undefined;
  signal?: AbortSignal | undefined;
  /** Of GenOps, and an id of this run: how a cluster's logs name it. */
  version: string;
  runId: string;
}

export interface OpenClusterOptions {
  /** No write is stored. There is no default: whoever opens a cluster says it. */
  dryRun: boolean;
  /** How often a call is repeated at most; default 4. */
  repeats?: number;
  /** Default: 10 s until an answer begins, 30 s for all of it. */
  timeouts?: { headersMs: number; totalMs: number };
}

/** What a cluster is opened with in a runtime. `runId` names this run in the clusters' logs. */
export function clusterDeps(runtime: Runtime, runId: string): OpenClusterDeps {
  const { config, credentials, environment, clock, randomness, deadline } = runtime;
  const { allowStaticCredentials, baseDir } = config;
  return {
    credentials,
    allowStaticCredentials,
    baseDir,
    environment,
    clock,
    randomness,
    deadline,
    version: VERSION,
    runId,
  };
}

/**
 * A client of a configured cluster, with the credentials of its cloud. The client and the cloud's SDK are loaded when the first cluster is
 * opened. Nothing in the cluster is asked yet; its cloud may be, for the cluster's address.
 */
export async function openCluster(
  config: ClusterConfig,
  deps: OpenClusterDeps,
  { dryRun, repeats, timeouts }: OpenClusterOptions,
): Promise<KubeClient> {
  const { name: cluster } = config;
  if (config.provider === "snapshot") {
    const { createSnapshotClient } = await import("../clusters/connections/snapshot-client.ts");
    const file = config.location;
    return createSnapshotClient({ cluster, file, text: await readSnapshotFile(config, deps), dryRun });
  }
  const [{ createKubeClient }, access] = await Promise.all([
    import("../clusters/connections/kube-client.ts"),
    openAccess(config, deps),
  ]);
  const { clock, randomness, deadline, signal, version, runId } = deps;
  return createKubeClient({
    cluster,
    access,
    clock,
    randomness,
    deadline,
    signal,
    version,
    runId,
    dryRun,
    repeats,
    timeouts,
    requestsPerSecond: config.requestsPerSecond,
  });
}

/** Where the API server of a configured cluster is and who we are there. Throws `config` or `unavailable`, naming the cluster. */
export async function openAccess(
  config: Exclude<ClusterConfig, { provider: "snapshot" }>,
  deps: OpenClusterDeps,
): Promise<KubeAccess> {
  try {
    if (config.provider !== "kubeconfig") return await openClusterAccess(config, deps.credentials, deps.clock);
    const { openKubeconfig } = await import("../clusters/connections/kubeconfig.ts");
    const { allowStaticCredentials, environment, clock, credentials, baseDir } = deps;
    return await openKubeconfig({
      file: resolveFile(config.kubeconfig, baseDir, environment),
      context: config.context,
      allowStaticCredentials,
      home: credentials.home,
      environment,
      clock,
    });
  } catch (error) {
    if (!(error instanceof GenOpsError)) throw error;
    throw new GenOpsError(error.code, `cluster ${config.name}: ${error.message}`, {
      retryable: error.retryable,
      cause: error,
    });
  }
}

function resolveFile(file: string, baseDir: string, environment: Environment): string {
  const home = environment["HOME"] ?? environment["USERPROFILE"];
  if (file.startsWith("~/") && home !== undefined) return path.join(home, file.slice(2));
  return path.resolve(baseDir, file);
}

async function readSnapshotFile(
  { name, location }: Extract<ClusterConfig, { provider: "snapshot" }>,
  { baseDir, environment }: OpenClusterDeps,
): Promise<string> {
  return readFile(resolveFile(location, baseDir, environment), "utf8").catch((error: unknown) => {
    throw new GenOpsError("config", `cluster ${name}: the snapshot cannot be read: ${messageOf(error)}`, {
      place: { file: location },
      cause: error,
    });
  });
}
