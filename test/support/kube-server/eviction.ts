import type { Api, DeleteOptions } from "./api.ts";
import { isReady } from "./controllers/pods.ts";
import { KubeFailure } from "./failure.ts";
import type { Kinds } from "./resources.ts";
import { matchesSelector } from "./selectors.ts";
import type { Store } from "./store.ts";
import { numberAt, textAt, treeOf } from "./tree.ts";
import type { KubeObject, ResourceKind, Tree, WriteOptions } from "./types.ts";

const DONE: Tree = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

/** POST pods/x/eviction: deletes the pod unless its disruption budget (429), or more than one of them (500), speaks against it. */
export function evict(
  { api, store, kinds }: { api: Api; store: Store; kinds: Kinds },
  podKind: ResourceKind,
  eviction: KubeObject,
  how: DeleteOptions,
  options: WriteOptions,
): Tree {
  const { namespace = "", name } = eviction.metadata;
  const pod = api.get(podKind, namespace, name);
  api.admitCreation(podKind, eviction, { ...options, subresource: "eviction" });
  const running = textAt(pod.status, "phase") === "Running" && pod.metadata.deletionTimestamp === undefined;
  if (running) refuseDisruption(budgetsOf(store, kinds, pod), pod);
  api.remove(podKind, namespace, name, { ...how, admitted: true }, options);
  return DONE;
}

function budgetsOf(store: Store, kinds: Kinds, pod: KubeObject): KubeObject[] {
  const kind = kinds.byKind("policy/v1", "PodDisruptionBudget");
  if (kind === undefined) return [];
  return store
    .list(kind, pod.metadata.namespace)
    .filter(({ spec }) => matchesSelector(spec?.["selector"], pod.metadata.labels));
}

function refuseDisruption(budgets: readonly KubeObject[], pod: KubeObject): void {
  if (budgets.length > 1) {
    const message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
    throw new KubeFailure(500, "", message);
  }
  const [budget] = budgets;
  if (budget === undefined) return;
  const status = treeOf(budget.status);
  const healthy = numberAt(status, "currentHealthy") ?? 0;
  const needed = numberAt(status, "desiredHealthy") ?? 0;
  const unhealthyMayGo = textAt(budget.spec, "unhealthyPodEvictionPolicy") === "AlwaysAllow";
  if (!isReady(pod) && (unhealthyMayGo || (healthy >= needed && needed > 0))) return;
  if ((numberAt(status, "disruptionsAllowed") ?? 0) > 0) return;
  const has = `needs ${needed} healthy pods and has ${healthy} currently`;
  const cause = { reason: "DisruptionBudget", message: `The disruption budget ${budget.metadata.name} ${has}` };
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  throw new KubeFailure(429, "TooManyRequests", message, { details: { causes: [cause] } });
}
