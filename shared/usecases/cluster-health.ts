import * as z from "zod";
import { type ClusterHealth, checkCluster } from "../clusters/health/check-cluster.ts";
import { endpointsOf, lookAtEndpoint, thresholdsOf } from "../clusters/health/endpoints.ts";
import { healthEvent, healthObservation } from "../clusters/health/news.ts";
import { afterRound, HEALTH_KEY, HealthDocument, type Look, type Target } from "../clusters/health/targets.ts";
import type { ClusterConfig } from "../config/types.ts";
import { GenOpsError } from "../core/errors.ts";
import type { CloudEvent } from "../core/events.ts";
import { inParallel } from "../core/in-parallel.ts";
import { reconcileFindings } from "../governance/findings/reconcile-findings.ts";
import { readDocument, updateDocument } from "../ledger/json-document.ts";
import type { EventFunction, Invocation } from "../ports/invocation.ts";
import { registeredClusters } from "./cluster-registry.ts";
import { clusterDeps, openCluster } from "./open-clusters.ts";
import type { Runtime } from "./runtime.ts";
import { tellFindings } from "./tell-findings.ts";

const AT_ONCE = 8;
/** A look that takes longer than the guide's 5 s has failed. */
const TIMEOUTS = { headersMs: 5_000, totalMs: 10_000 };

/** `genops clusters health`: every known cluster now, in the order in which they are known. */
export async function checkClusters(runtime: Runtime, names: readonly string[] = []): Promise<ClusterHealth[]> {
  const known = (await registeredClusters(runtime)).map(({ config }) => config);
  const unknown = names.find((name) => !known.some((each) => each.name === name));
  if (unknown !== undefined) throw new GenOpsError("usage", `there is no cluster ${unknown}; see genops clusters list`);
  const wanted = known.filter(({ name }) => names.length === 0 || names.includes(name));
  return lookAtClusters(runtime, wanted, 1);
}

async function lookAtClusters(
  runtime: Runtime,
  clusters: readonly ClusterConfig[],
  repeats: number,
): Promise<ClusterHealth[]> {
  const deps = clusterDeps(runtime, runtime.randomness.id());
  return inParallel(clusters, AT_ONCE, (cluster) =>
    checkCluster(
      cluster.name,
      () => openCluster(cluster, deps, { dryRun: true, repeats, timeouts: TIMEOUTS }),
      runtime.clock,
    ),
  );
}

const Due = z.object({ task: z.literal("health") });

/** `health`: every minute the clusters' and endpoints' health → `health/clusters.json`; changes → event, finding, people. */
export function createHealth(runtime: Runtime): EventFunction {
  return async ({ type, data }: CloudEvent, invocation: Invocation) => {
    if (type !== "genops.schedule.due" || !Due.safeParse(data).success)
      throw new GenOpsError("refused", `health does not know what to do about ${type} ${JSON.stringify(data)}`);
    const { looked, changed } = await invocation.tracer.span("health", {}, () => watchHealth(runtime));
    invocation.log.info("looked", { targets: looked, changed: changed.length });
  };
}

/** One round. What changed is told at least once, also when an earlier run died between writing and telling. */
export async function watchHealth(runtime: Runtime): Promise<{ looked: number; changed: Target[] }> {
  const { config, lake, clock } = runtime;
  const multicloud = config.extensions["multicloud"];
  // Objects in a file are neither up nor down.
  const clusters = (await registeredClusters(runtime)).map((each) => each.config);
  const live = clusters.filter(({ provider }) => provider !== "snapshot");
  const [found, endpoints] = await Promise.all([
    lookAtClusters(runtime, live, 0),
    inParallel(endpointsOf(multicloud), AT_ONCE, (endpoint) => lookAtEndpoint(endpoint, clock)),
  ]);
  const looks = [...found.map(lookOf), ...endpoints];
  const before = await readDocument(lake, HEALTH_KEY, HealthDocument);
  if (looks.length === 0 && before === undefined) return { looked: 0, changed: [] };
  const now = clock.now();
  const written = await updateDocument(lake, HEALTH_KEY, HealthDocument, (stored) =>
    afterRound(stored, looks, thresholdsOf(multicloud), now),
  );
  const targets = written?.targets ?? {};
  const changed = Object.values(targets).filter(({ untold }) => untold !== undefined);
  const dropped = Object.entries(before?.value.targets ?? {}).filter(
    ([key, { state }]) => state === "down" && targets[key] === undefined,
  );
  if (changed.length + dropped.length > 0) await tell(runtime, targets, changed);
  return { looked: looks.length, changed };
}

/** A cluster is up when it answers and, as far as we may see, has a node that is ready. */
function lookOf({ cluster: name, connected, nodes, problems, latencyMs }: ClusterHealth): Look {
  const noNode = nodes !== undefined && nodes.total > 0 && nodes.ready === 0;
  const detail = connected ? describeNodes(nodes) : (problems[0] ?? "it does not answer");
  return {
    kind: "cluster",
    name,
    seen: connected && !noNode ? "up" : "down",
    detail,
    ...(latencyMs === undefined ? {} : { latencyMs }),
  };
}

function describeNodes(nodes: ClusterHealth["nodes"]): string {
  return nodes === undefined ? "it answers" : `it answers; ${nodes.ready} of ${nodes.total} nodes are ready`;
}

/** Why a finding about this target is over; undefined while it is not. */
function whyOver(target: Target | undefined): string | undefined {
  if (target === undefined) return "it is not watched any more";
  return target.state === "up" ? "it answers again" : undefined;
}

async function tell(
  runtime: Runtime,
  targets: Readonly<Record<string, Target>>,
  changed: readonly Target[],
): Promise<void> {
  const { lake: store, clock, events } = runtime;
  for (const target of changed) await events.publish(healthEvent(target));
  const down = Object.values(targets).filter(({ state }) => state === "down");
  const { opened, updated, resolved } = await reconcileFindings(
    { store, clock, events },
    {
      observations: down.map((target) => healthObservation(target)),
      covers: ({ kind, rule, subject }) =>
        kind === "cluster" && rule.endsWith("-down") ? whyOver(targets[subject]) : undefined,
    },
  );
  await tellFindings(runtime, [...opened, ...updated, ...resolved]);
  const told = new Set(changed.map(({ kind, name, since }) => `${kind}/${name}/${since}`));
  await updateDocument(store, HEALTH_KEY, HealthDocument, (stored) => {
    if (stored === undefined) return undefined;
    const rest = Object.entries(stored.targets).map(([key, target]) => {
      const { untold: _, ...known } = target;
      return [key, told.has(`${key}/${target.since}`) ? known : target] as const;
    });
    return { ...stored, targets: Object.fromEntries(rest) };
  });
}
