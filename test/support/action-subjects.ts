import type { KubeObject } from "../../shared/clusters/connections/types.ts";
import type {
  ActionContext,
  NamespaceSubject,
  NodeSubject,
  PoolSubject,
  Proposal,
  Verdict,
  WorkloadSubject,
} from "../../shared/clusters/enforcement/actions/common/action.ts";
import type { FieldChange } from "../../shared/clusters/enforcement/types.ts";
import type { Inventory } from "../../shared/clusters/inventory/types.ts";
import type { EnforcementConfig } from "../../shared/config/types.ts";
import { object } from "./cluster-objects.ts";
import { enforcementSettings, inventoryOf } from "./plan-world.ts";

type ContextParts = Partial<Omit<ActionContext, "settings">> & { settings?: Partial<EnforcementConfig> };

export function contextOf(inventory: Inventory, { settings, ...more }: ContextParts = {}): ActionContext {
  return {
    inventory,
    settings: enforcementSettings(settings),
    want: { policy: "budget/global/2026-11-01/threshold-95-actual-throttle", budget: "global" },
    stepId: "0123456789abcdef01234567",
    mostPods: Number.POSITIVE_INFINITY,
    ...more,
  };
}

/** The first workload of these objects, as an action sees it. */
export function workloadSubject(
  objects: readonly KubeObject[],
  more: ContextParts = {},
): { subject: WorkloadSubject; context: ActionContext } {
  const inventory = inventoryOf(objects);
  const [workload] = inventory.workloads;
  const namespace = inventory.namespaces.find(({ name }) => name === workload?.ref.namespace);
  if (workload === undefined || namespace === undefined) throw new Error("the test has no workload in a namespace");
  return { subject: { workload, namespace }, context: contextOf(inventory, more) };
}

/** All of a namespace. */
export function namespaceSubject(
  objects: readonly KubeObject[],
  name: string,
  parts: Partial<NamespaceSubject> = {},
  inventory: Inventory = inventoryOf(objects),
): { subject: NamespaceSubject; context: ActionContext } {
  const namespace = inventory.namespaces.find((each) => each.name === name);
  if (namespace === undefined) throw new Error(`the test has no namespace ${name}`);
  const workloads = inventory.workloads.filter(({ ref }) => ref.namespace === name);
  const loosePods = inventory.loosePods.filter((pod) => pod.namespace === name);
  return { subject: { namespace, workloads, loosePods, spared: [], held: 0, ...parts }, context: contextOf(inventory) };
}

export function poolSubject(objects: readonly KubeObject[]): { subject: PoolSubject; context: ActionContext } {
  const inventory = inventoryOf(objects);
  const [pool] = inventory.nodePools;
  if (pool === undefined) throw new Error("the test has no pool");
  return { subject: { pool }, context: contextOf(inventory) };
}

/** The node of this name with the others of its pool. */
export function nodeSubject(
  objects: readonly KubeObject[],
  name: string,
  isGrowthCapped = true,
): { subject: NodeSubject; context: ActionContext } {
  const inventory = inventoryOf(objects);
  const node = inventory.nodes.find(({ ref }) => ref.name === name);
  if (node === undefined) throw new Error(`the test has no node ${name}`);
  const pool = inventory.nodePools.find((each) => each.name === node.pool);
  const siblings = inventory.nodes.filter((each) => each.pool === node.pool);
  const subject = { node, siblings, isGrowthCapped, ...(pool === undefined ? {} : { pool }) };
  return { subject, context: contextOf(inventory) };
}

export function proposed(verdict: Verdict): Proposal {
  if (typeof verdict === "string" || !("step" in verdict)) throw new Error(`no step: ${JSON.stringify(verdict)}`);
  return verdict.step;
}

/** The fields of a proposal: pointer → `from → to`. */
export function changes(verdict: Verdict): Record<string, string> {
  const { write } = proposed(verdict);
  if (write.kind !== "fields") throw new Error(`no fields: ${write.kind}`);
  const text = (value: FieldChange["from"]) => ("absent" in value ? "absent" : JSON.stringify(value.value));
  return Object.fromEntries(write.fields.map(({ pointer, from, to }) => [pointer, `${text(from)} → ${text(to)}`]));
}

interface HpaParts {
  min?: number;
  max: number;
  current?: number;
  annotations?: Record<string, string>;
  owner?: KubeObject;
}

export function hpa(target: KubeObject, { min, max, current, annotations, owner }: HpaParts): KubeObject {
  const { namespace = "", name } = target.metadata;
  const { apiVersion, kind } = target;
  return object(
    "autoscaling/v2",
    "HorizontalPodAutoscaler",
    {
      namespace,
      name,
      ...(annotations === undefined ? {} : { annotations }),
      ...(owner === undefined ? {} : { owner }),
    },
    {
      spec: {
        scaleTargetRef: { apiVersion, kind, name },
        maxReplicas: max,
        ...(min === undefined ? {} : { minReplicas: min }),
      },
      ...(current === undefined ? {} : { status: { currentReplicas: current } }),
    },
  );
}

export function scaledObject(target: KubeObject, annotations?: Record<string, string>): KubeObject {
  const { namespace = "", name } = target.metadata;
  const common = { namespace, name, ...(annotations === undefined ? {} : { annotations }) };
  return object("keda.sh/v1alpha1", "ScaledObject", common, { spec: { scaleTargetRef: { name } } });
}

export const ARGO = { "argocd.argoproj.io/tracking-id": "shop:apps/Deployment:ml/web" };
export const FLUX = {
  "kustomize.toolkit.fluxcd.io/name": "apps",
  "kustomize.toolkit.fluxcd.io/namespace": "flux-system",
};
