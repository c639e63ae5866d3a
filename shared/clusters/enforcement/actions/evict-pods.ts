import type { Verdict, WorkloadAction } from "./common/action.ts";
import { kubectl } from "./common/kubectl.ts";

/** Row 16, for people: each pod goes as its disruption budgets allow, and its owner makes another. */
export const evictPods: WorkloadAction = {
  name: "evict-pods",
  rung: "human",
  about: "workload",
  propose({ workload }, { inventory }): Verdict {
    const blocked = workload.disruptionBudgets.find(({ disruptionsAllowed }) => disruptionsAllowed === 0);
    if (blocked !== undefined) return { leftOut: `disruption budget ${blocked.name} allows no eviction now` };
    const placed = workload.pods.filter(({ node, daemon }) => node !== undefined && !daemon);
    const pods = placed.filter(({ immovable }) => !immovable);
    if (pods.length === 0) {
      return placed.length === 0 ? "done" : { leftOut: "its pods have local data, or are marked as not to be moved" };
    }
    const kept = placed.length - pods.length;
    return {
      step: {
        write: {
          kind: "evict",
          pods: pods.map(({ namespace, name, uid }) => ({ apiVersion: "v1", kind: "Pod", namespace, name, uid })),
        },
        reverse: "irreversible: an evicted pod is gone; its owner makes another, elsewhere",
        reversible: false,
        pods: pods.length,
        commands: pods.map(({ namespace, name }) => evictCommand(inventory.cluster, namespace, name)),
        remarks: kept === 0 ? [] : [`${kept} with local data, or marked as not to be moved, stay`],
      },
    };
  },
};

/** The eviction API, which kubectl has no verb for; deleting would ask no disruption budget. */
function evictCommand(cluster: string, namespace: string, name: string): string {
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  return `printf %s '${JSON.stringify(eviction)}' | ${kubectl(cluster, "create", "--raw", path, "-f", "-")}`;
}
