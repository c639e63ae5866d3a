import type { AllocationConfig } from "../../config/types.ts";
import { GenOpsError, messageOf } from "../../core/errors.ts";
import { inParallel } from "../../core/in-parallel.ts";
import type { Clock } from "../../ports/clock.ts";
import type { KubeClient, KubeObject, ObjectName } from "../connections/types.ts";
import { AUTOSCALER_STATUS } from "./autoscaler-status.ts";
import { buildInventory } from "./build-inventory.ts";
import { LIST_NAMES, LISTED, type ListName, type Lists } from "./kinds.ts";
import type { ClusterFeatures, ClusterProvider, Inventory } from "./types.ts";

export interface ReadInventoryOptions {
  provider: ClusterProvider;
  region?: string;
  /** Beside the built-in list; `team-*` stands for every namespace that begins so. */
  protectedNamespaces: readonly string[];
  /** Which labels say team, project, environment and cost center; `config.allocation`. */
  allocation?: AllocationConfig;
  clock: Pick<Clock, "now">;
}

/** Lists that are asked for at the same time: each may be many pages, and all of them share the client's ceiling. */
const AT_ONCE = 8;

/**
 * Reads what a cluster holds. What this identity may not read, or what an extension that is down does not answer, becomes a line of
 * `problems`; a cluster that does not answer at all throws `unavailable`.
 */
export async function readInventory(client: KubeClient, options: ReadInventoryOptions): Promise<Inventory> {
  const problems: string[] = [];
  const [version, features, lists] = await Promise.all([
    client.version(),
    readFeatures(client),
    readLists(client, { problems, provider: options.provider }),
  ]);
  const kubeSystem = await identity(client, lists, problems);
  const autoscalerStatus = await tolerant(() => client.get(AUTOSCALER_STATUS), {
    problems,
    instead: undefined,
    explain: (why) => `which node groups scale by themselves is unknown, so that nothing is saved there: ${why}`,
  });
  const { provider, region, protectedNamespaces, allocation } = options;
  return buildInventory({
    cluster: client.cluster,
    provider,
    ...(region === undefined ? {} : { region }),
    version,
    readAt: options.clock.now().toISOString(),
    features,
    lists: { ...lists, namespaces: [...lists.namespaces, ...kubeSystem] },
    ...(autoscalerStatus === undefined ? {} : { autoscalerStatus }),
    protectedNamespaces,
    ...(allocation === undefined ? {} : { allocation }),
    problems,
  });
}

async function readFeatures(client: KubeClient): Promise<ClusterFeatures> {
  const serves = async (apiVersion: string, kind: string) => (await client.resource(apiVersion, kind)) !== undefined;
  const [admissionPolicies, keda, karpenter, rollouts, metrics] = await Promise.all([
    serves("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
    serves(LISTED.scaledObjects.apiVersion, LISTED.scaledObjects.kind),
    serves(LISTED.nodePools.apiVersion, LISTED.nodePools.kind),
    serves(LISTED.rollouts.apiVersion, LISTED.rollouts.kind),
    serves(LISTED.podMetrics.apiVersion, LISTED.podMetrics.kind),
  ]);
  return { admissionPolicies, keda, karpenter, rollouts, metrics };
}

interface Reading {
  problems: string[];
  provider: ClusterProvider;
}

async function readLists(client: KubeClient, reading: Reading): Promise<Lists> {
  const read = await inParallel(LIST_NAMES, AT_ONCE, (name) => readList(client, name, reading));
  return Object.fromEntries(LIST_NAMES.map((name, index) => [name, read[index] ?? []])) as Record<
    ListName,
    readonly KubeObject[]
  >;
}

async function readList(
  client: KubeClient,
  name: ListName,
  { problems, provider }: Reading,
): Promise<readonly KubeObject[]> {
  const listed: { apiVersion: string; kind: string; plural: string; optional?: true } = LISTED[name];
  const { apiVersion, kind, plural } = listed;
  return tolerant<readonly KubeObject[]>(
    async () => {
      if ((await client.resource(apiVersion, kind)) !== undefined) return client.list(apiVersion, kind);
      problems.push(...missing(name, provider));
      return [];
    },
    {
      problems,
      instead: [],
      explain: (why) => `${plural} cannot be read: ${why}`,
      extension: listed.optional === true,
    },
  );
}

/** A kind without objects stands in no file, which is no gap; a file without nodes and pods is one. */
function missing(name: ListName, provider: ClusterProvider): string[] {
  const { apiVersion, plural, optional }: { apiVersion: string; plural: string; optional?: true } = LISTED[name];
  if (provider === "snapshot")
    return ["namespaces", "pods", "nodes"].includes(name) ? [`the file holds no ${plural}`] : [];
  if (name === "podMetrics") return ["metrics.k8s.io is not served: costs follow requests alone, not use"];
  return optional === true ? [] : [`${plural} (${apiVersion}) are not served`];
}

/** Without the list of namespaces the one that identifies the cluster may still be readable. */
async function identity(client: KubeClient, lists: Lists, problems: string[]): Promise<KubeObject[]> {
  if (lists.namespaces.some(({ metadata }) => metadata.name === "kube-system")) return [];
  const name: ObjectName = { apiVersion: "v1", kind: "Namespace", name: "kube-system" };
  const explain = (why: string) => `the cluster's identity is unknown: namespace kube-system cannot be read: ${why}`;
  const found = await tolerant(() => client.get(name), { problems, instead: undefined, explain });
  return found === undefined ? [] : [found];
}

interface Tolerance<T> {
  problems: string[];
  instead: T;
  explain: (why: string) => string;
  /** Served by something beside the API server, which may be down alone. */
  extension?: boolean;
}

async function tolerant<T>(
  work: () => Promise<T>,
  { problems, instead, explain, extension }: Tolerance<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isOurs = error instanceof GenOpsError;
    const isBearable = isOurs && (error.code === "refused" || (extension === true && error.code === "unavailable"));
    if (!isBearable) throw error;
    problems.push(explain(messageOf(error)));
    return instead;
  }
}
