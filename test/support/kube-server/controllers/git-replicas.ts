import { equal, isTree, treeOf } from "../tree.ts";
import type { KubeObject, Tree } from "../types.ts";
import { type Controller, isKind, keyOf, type World } from "../world.ts";

/** What Git says of `spec.replicas`, and of any part of `spec` as JSON: a test writes it here, as there is no repository. */
const GIT_REPLICAS = "test.genops.ai/git-replicas";
const GIT_SPEC = "test.genops.ai/git-spec";

const TRACKED = [
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
  ["batch/v1", "CronJob"],
  ["batch/v1", "Job"],
  ["autoscaling/v2", "HorizontalPodAutoscaler"],
  ["keda.sh/v1alpha1", "ScaledObject"],
  ["karpenter.sh/v1", "NodePool"],
  ["argoproj.io/v1alpha1", "Rollout"],
] as const;

/** Puts one object back to what Git says of it. */
export type Heal = (object: KubeObject, spec: Tree, world: World) => void;

/** A tool that puts what Git holds of a spec back whenever somebody else changed it. */
export function selfHealer(name: string, watches: (object: KubeObject) => boolean, heal: Heal): Controller {
  return {
    name,
    concerns(change) {
      const { after } = change;
      const tracked = TRACKED.some(([apiVersion, kind]) => isKind(change, apiVersion, kind));
      return tracked && after !== undefined && watches(after) ? [idOf(after)] : [];
    },
    reconcile(key, world) {
      const object = find(key, world);
      if (object === undefined || !watches(object) || object.metadata.deletionTimestamp !== undefined) return;
      const wanted = gitSpec(object);
      if (Object.keys(wanted).length > 0 && !covers(object.spec, wanted)) heal(object, wanted, world);
    },
  };
}

function gitSpec({ metadata: { annotations = {} } }: KubeObject): Tree {
  const spec = annotations[GIT_SPEC];
  const replicas = annotations[GIT_REPLICAS];
  return {
    ...(spec === undefined ? {} : treeOf(JSON.parse(spec) as unknown)),
    ...(replicas === undefined ? {} : { replicas: Number(replicas) }),
  };
}

/** Whether `current` has everything that `wanted` has; what it has beyond is not Git's. */
function covers(current: unknown, wanted: unknown): boolean {
  if (!isTree(wanted)) return equal(current, wanted);
  return Object.entries(wanted).every(([key, value]) => covers(treeOf(current)[key], value));
}

/** Several kinds share one healer: the key's name says the kind too. */
function idOf(object: KubeObject): { namespace: string; name: string } {
  const { namespace, name } = keyOf(object);
  return { namespace, name: `${object.apiVersion}|${object.kind}|${name}` };
}

function find(key: { namespace: string; name: string }, world: World): KubeObject | undefined {
  const [apiVersion = "", kindName = "", name = ""] = key.name.split("|");
  const kind = world.kind(apiVersion, kindName);
  return kind && world.store.get(kind, key.namespace, name);
}
