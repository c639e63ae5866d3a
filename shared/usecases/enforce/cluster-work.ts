import type { KubeClient } from "../../clusters/connections/types.ts";
import { targetOf } from "../../clusters/enforcement/actions/billing/control-name.ts";
import { BILLING } from "../../clusters/enforcement/actions/billing/steps.ts";
import type { TransactionDeps } from "../../clusters/enforcement/transaction/types.ts";
import type { ClusterConfig } from "../../config/types.ts";
import type { BillingControl } from "../../ports/billing-control.ts";
import type { Log } from "../../ports/invocation.ts";
import { openBillingControls } from "../open-billing-controls.ts";
import { clusterDeps, openCluster } from "../open-clusters.ts";
import type { Runtime } from "../runtime.ts";
import { createIsStopped } from "./kill-switch.ts";

/** One cluster that is open for a run. */
export interface ClusterWork {
  /** `billing` for what belongs to no cluster. */
  name: string;
  /** Absent for `billing`. */
  config?: ClusterConfig;
  /** Nothing can be written to it. */
  readOnly: boolean;
  client: KubeClient;
  deps: TransactionDeps;
  controls: BillingControl;
}

/** What is kept of the time that an invocation has: results are recorded in it. */
const RESERVE_MS = 15_000;
/** Without a limit of the platform. */
const LONGEST_MS = 15 * 60_000;

/** Opens a cluster twice, for writing and for dry runs, with what a transaction needs. */
export async function openClusterWork(runtime: Runtime, config: ClusterConfig, log?: Log): Promise<ClusterWork> {
  const deps = clusterDeps(runtime, runtime.randomness.id());
  const [client, dryRunClient] = await Promise.all([
    openCluster(config, deps, { dryRun: false }),
    openCluster(config, deps, { dryRun: true }),
  ]);
  const readOnly = config.provider === "snapshot";
  return { ...workOf(runtime, { name: config.name, client, dryRunClient, log }), config, readOnly };
}

/** Steps on accounts and projects have no cluster: an empty one that cannot be written stands for it, so that they are the same transaction. */
export async function openBillingWork(runtime: Runtime, log?: Log): Promise<ClusterWork> {
  const { createSnapshotClient } = await import("../../clusters/connections/snapshot-client.ts");
  const identity = { apiVersion: "v1", kind: "Namespace", metadata: { name: "kube-system", uid: BILLING } };
  const open = (dryRun: boolean) =>
    createSnapshotClient({ cluster: BILLING, file: BILLING, text: JSON.stringify(identity), dryRun });
  const clients = { client: open(false), dryRunClient: open(true) };
  return { ...workOf(runtime, { name: BILLING, ...clients, log }), readOnly: false };
}

function workOf(
  runtime: Runtime,
  {
    name,
    client,
    dryRunClient,
    log,
  }: Pick<ClusterWork, "name" | "client"> & { dryRunClient: KubeClient; log: Log | undefined },
): Omit<ClusterWork, "readOnly"> {
  const { lake: store, clock, randomness, config, credentials, deadline } = runtime;
  const controls = openBillingControls({ config, credentials, clock });
  const left = Math.min(deadline.remainingMs() - RESERVE_MS, LONGEST_MS);
  return {
    name,
    client,
    controls,
    deps: {
      client,
      dryRunClient,
      store,
      clock,
      randomness,
      log: (text) => (log === undefined ? runtime.progress.note(text) : log.info(text, { cluster: name })),
      isStopped: createIsStopped(store),
      deadline: new Date(clock.now().getTime() + Math.max(0, left)),
      caps: config.enforcement.caps,
      billing: (control) => ({ control: controls, target: targetOf(control) }),
    },
  };
}
