import { matchesSelector } from "../selectors.ts";
import { numberAt, treeOf } from "../tree.ts";
import type { KubeObject } from "../types.ts";
import { type Controller, isKind, keyOf, versionsOf, type World } from "../world.ts";
import { CONTROLLER_MANAGER, isOver, isReady, withCondition } from "./pods.ts";

const POLICY = "policy/v1";
const PDB = "PodDisruptionBudget";

/** A PodDisruptionBudget's count: how many of its pods may be evicted now. */
export const disruption: Controller = {
  name: "disruption",
  concerns(change, world) {
    if (isKind(change, POLICY, PDB)) return versionsOf(change).map(keyOf);
    const kind = world.kind(POLICY, PDB);
    if (!isKind(change, "v1", "Pod") || kind === undefined) return [];
    const [pod] = versionsOf(change);
    return world.store
      .list(kind, pod?.metadata.namespace)
      .filter(({ spec }) => matchesSelector(spec?.["selector"], pod?.metadata.labels))
      .map(keyOf);
  },
  reconcile({ namespace, name }, world) {
    const kind = world.kind(POLICY, PDB);
    const podKind = world.kind("v1", "Pod");
    const budget = kind && world.store.get(kind, namespace, name);
    if (budget === undefined || podKind === undefined) return;
    const selected = world.store
      .list(podKind, namespace)
      .filter((pod) => matchesSelector(budget.spec?.["selector"], pod.metadata.labels) && !isOver(pod));
    const healthy = selected.filter(isReady).length;
    const { expected, desired } = needsOf(budget, selected, world);
    const allowed = Math.max(0, expected === 0 ? 0 : healthy - desired);
    world.write(
      CONTROLLER_MANAGER,
      budget,
      (draft) => {
        const counts = {
          ...treeOf(draft.status),
          observedGeneration: budget.metadata.generation ?? 1,
          disruptionsAllowed: allowed,
          currentHealthy: healthy,
          desiredHealthy: desired,
          expectedPods: expected,
        };
        const [answer, reason] = allowed > 0 ? ["True", "SufficientPods"] : ["False", "InsufficientPods"];
        draft.status = withCondition(counts, { type: "DisruptionAllowed", status: answer, reason }, world.instant());
      },
      "status",
    );
  },
};

/** With a percentage or `maxUnavailable` the wished count of the pods' controllers is what counts, else the pods that are there. */
function needsOf(budget: KubeObject, pods: readonly KubeObject[], world: World): { expected: number; desired: number } {
  const { minAvailable, maxUnavailable } = treeOf(budget.spec);
  if (maxUnavailable !== undefined) {
    const expected = wishedCount(pods, world);
    return { expected, desired: Math.max(0, expected - share(maxUnavailable, expected)) };
  }
  const expected = typeof minAvailable === "string" ? wishedCount(pods, world) : pods.length;
  return { expected, desired: share(minAvailable ?? 0, expected) };
}

/** `3`, or `"50%"` of the total, rounded up. */
function share(amount: unknown, total: number): number {
  return typeof amount === "string" ? Math.ceil((total * Number.parseFloat(amount)) / 100) : Number(amount);
}

function wishedCount(pods: readonly KubeObject[], world: World): number {
  const owners = new Map<string, number>();
  for (const pod of pods) {
    const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller === true);
    const kind = owner && world.kind(owner.apiVersion, owner.kind);
    const found = kind && world.store.get(kind, pod.metadata.namespace ?? "", owner.name);
    if (owner !== undefined) owners.set(owner.uid, numberAt(found?.spec, "replicas") ?? 0);
  }
  return [...owners.values()].reduce((sum, count) => sum + count, 0);
}
