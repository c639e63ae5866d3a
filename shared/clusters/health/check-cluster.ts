import { messageOf } from "../../core/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import { type FailedLayer, kubeFailureOf } from "../connections/errors.ts";
import { isTree } from "../connections/objects.ts";
import type { KubeClient, KubeObject } from "../connections/types.ts";

/** Where the guide installs GenOps in a cluster. */
export const NAMESPACE = "genops-system";
const SERVICE = "genops-ai";

/** What one look at a cluster found: the guide's "Health Check Script", its nodes and its API server's speed. */
export interface ClusterHealth {
  cluster: string;
  connected: boolean;
  /** Why not connected, or what may not be read. */
  problems: string[];
  /** The layer that failed. */
  layer?: FailedLayer;
  version?: string;
  /** Of the first answer, connecting included. */
  latencyMs?: number;
  /** Running pods of GenOps. */
  pods?: number;
  /** Address of its service from outside, where it has one. */
  endpoint?: string;
  nodes?: { ready: number; total: number };
  /** As the guide counts: a cluster that cannot be reached and one without GenOps pods have failed. */
  passed: number;
  failed: number;
}

/** Looks at a cluster. Never throws: what is wrong is part of the answer. */
export async function checkCluster(
  cluster: string,
  open: () => Promise<KubeClient>,
  clock: Pick<Clock, "now">,
): Promise<ClusterHealth> {
  try {
    const client = await open();
    const started = clock.now().getTime();
    const version = await client.version();
    const latencyMs = clock.now().getTime() - started;
    return { ...(await lookInside(client)), cluster, connected: true, version, latencyMs };
  } catch (error) {
    const layer = kubeFailureOf(error)?.layer;
    return {
      cluster,
      connected: false,
      problems: [messageOf(error)],
      ...(layer === undefined ? {} : { layer }),
      passed: 0,
      failed: 1,
    };
  }
}

async function lookInside(client: KubeClient): Promise<Omit<ClusterHealth, "cluster" | "connected">> {
  const problems: string[] = [];
  const attempt = async <T>(work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      problems.push(messageOf(error));
      return undefined;
    }
  };
  const [pods, service, nodes] = await Promise.all([
    attempt(() => client.list("v1", "Pod", { namespace: NAMESPACE, fieldSelector: "status.phase=Running" })),
    attempt(() => client.get({ apiVersion: "v1", kind: "Service", namespace: NAMESPACE, name: SERVICE })),
    attempt(() => client.list("v1", "Node")),
  ]);
  const running = pods?.length ?? 0;
  const endpoint = service === undefined ? undefined : externalAddress(service);
  return {
    problems,
    pods: running,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(nodes === undefined ? {} : { nodes: { ready: nodes.filter(isReady).length, total: nodes.length } }),
    passed: running > 0 ? 1 : 0,
    failed: running > 0 ? 0 : 1,
  };
}

/** IP address or host name of the first ingress of a load balancer. */
function externalAddress({ status }: KubeObject): string | undefined {
  const balancer = isTree(status) ? status["loadBalancer"] : undefined;
  const ingress: unknown = isTree(balancer) && Array.isArray(balancer["ingress"]) ? balancer["ingress"][0] : undefined;
  if (!isTree(ingress)) return undefined;
  const found = [ingress["ip"], ingress["hostname"]].find((each) => typeof each === "string" && each !== "");
  return typeof found === "string" ? found : undefined;
}

function isReady({ status }: KubeObject): boolean {
  const conditions = isTree(status) && Array.isArray(status["conditions"]) ? status["conditions"] : [];
  return conditions.some((each: unknown) => isTree(each) && each["type"] === "Ready" && each["status"] === "True");
}

/** The guide's lines. */
export function healthLines(found: ClusterHealth): string[] {
  const { cluster, connected, pods = 0, endpoint, nodes, latencyMs, problems } = found;
  const remarks = problems.map((problem) => `  ⚠️  ${problem}`);
  const head = `📋 Checking ${cluster}...`;
  if (!connected) return [head, `  ❌ Cannot connect to ${cluster}`, ...remarks];
  return [
    head,
    "  ✅ Cluster connectivity OK",
    pods < 1 ? "  ❌ No running GenOps pods" : `  ✅ ${pods} GenOps pods running`,
    endpoint === undefined ? "  ⚠️  No external endpoint found" : `  ✅ Service endpoint: ${endpoint}`,
    ...(nodes === undefined ? [] : [nodesLine(nodes)]),
    ...(latencyMs === undefined ? [] : [`  ✅ API server answered in ${latencyMs} ms`]),
    ...remarks,
  ];
}

function nodesLine({ ready, total }: { ready: number; total: number }): string {
  return `  ${ready === total && total > 0 ? "✅" : "⚠️ "} ${ready} of ${total} nodes ready`;
}
