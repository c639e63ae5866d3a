import { createHash } from "node:crypto";
import { canonicalJson } from "../../../../shared/core/json.ts";
import { equal, listOf, numberAt, textAt, treeOf } from "../tree.ts";
import type { KubeObject, Tree } from "../types.ts";
import { type Controller, isKind, keyOf, versionsOf, type World } from "../world.ts";
import { CONTROLLER_MANAGER, childrenOf, controllerKey, ownedBy, withCondition } from "./pods.ts";

const REVISION = "deployment.kubernetes.io/revision";

interface Style {
  apiVersion: string;
  kind: string;
  manager: string;
  hashLabel: string;
  status(counts: Counts, owner: KubeObject): Tree;
}

interface Counts {
  replicas: number;
  ready: number;
  wanted: number;
  refused: boolean;
  hash: string;
}

/** Deployments, and Argo Rollouts without their steps: one ReplicaSet per template, the newest has the replicas. */
function createController(style: Style): Controller {
  return {
    name: style.kind.toLowerCase(),
    concerns(change) {
      if (isKind(change, style.apiVersion, style.kind)) return versionsOf(change).map(keyOf);
      const ours = isKind(change, "apps/v1", "ReplicaSet");
      return ours ? versionsOf(change).flatMap((set) => controllerKey(set, style.kind)) : [];
    },
    reconcile({ namespace, name }, world) {
      const kind = world.kind(style.apiVersion, style.kind);
      const owner = kind && world.store.get(kind, namespace, name);
      if (owner === undefined || owner.metadata.deletionTimestamp !== undefined) return;
      const template = treeOf(owner.spec?.["template"]);
      const hash = createHash("sha256").update(canonicalJson(template)).digest("hex").slice(0, 10);
      const wanted = numberAt(owner.spec, "replicas") ?? 1;
      const sets = childrenOf(owner, "ReplicaSet", world);
      const current = sets.find(({ metadata }) => metadata.labels?.[style.hashLabel] === hash);
      for (const set of sets) scaleSet(style, set, set === current ? wanted : 0, world);
      if (current === undefined) createSet(style, owner, { hash, wanted, revision: sets.length + 1 }, world);
      reportStatus(style, owner, hash, world);
    },
  };
}

function scaleSet(style: Style, set: KubeObject, wanted: number, world: World): void {
  if (numberAt(set.spec, "replicas") === wanted) return;
  world.write(style.manager, set, (draft) => {
    draft.spec = { ...draft.spec, replicas: wanted };
  });
}

function createSet(
  style: Style,
  owner: KubeObject,
  { hash, wanted, revision }: { hash: string; wanted: number; revision: number },
  world: World,
): void {
  const { namespace, name } = keyOf(owner);
  const template = treeOf(owner.spec?.["template"]);
  const metadata = treeOf(template["metadata"]);
  const labels = { ...treeOf(metadata["labels"]), [style.hashLabel]: hash };
  const selector = treeOf(owner.spec?.["selector"]);
  world.create(style.manager, {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${name}-${hash}`,
      namespace,
      labels: labels as Record<string, string>,
      annotations: { [REVISION]: String(revision) },
      ownerReferences: ownedBy(owner) ?? [],
    },
    spec: {
      replicas: wanted,
      selector: { ...selector, matchLabels: { ...treeOf(selector["matchLabels"]), [style.hashLabel]: hash } },
      template: { ...template, metadata: { ...metadata, labels } },
    },
  });
  if (style.kind === "Deployment") {
    world.write(
      style.manager,
      owner,
      (draft) => {
        draft.metadata.annotations = { ...draft.metadata.annotations, [REVISION]: String(revision) };
      },
      "status",
    );
  }
}

function reportStatus(style: Style, owner: KubeObject, hash: string, world: World): void {
  const sets = childrenOf(owner, "ReplicaSet", world);
  const sum = (field: string) => sets.reduce((total, set) => total + (numberAt(set.status, field) ?? 0), 0);
  const refused = sets.some((set) =>
    listOf(treeOf(set.status)["conditions"]).some((each) => textAt(each, "type") === "ReplicaFailure"),
  );
  world.write(
    style.manager,
    owner,
    (draft) => {
      const wanted = numberAt(draft.spec, "replicas") ?? 1;
      const counts = { replicas: sum("replicas"), ready: sum("readyReplicas"), wanted, refused, hash };
      const conditions = treeOf(draft.status)["conditions"];
      const status = { ...style.status(counts, draft), ...(conditions === undefined ? {} : { conditions }) };
      draft.status = style.kind === "Deployment" ? withConditions(status, counts, world.instant()) : status;
      if (equal(draft.status, owner.status)) draft.status = treeOf(owner.status);
    },
    "status",
  );
}

function withConditions(status: Tree, { ready, wanted, refused }: Counts, at: string): Tree {
  const available = ready >= Math.ceil(wanted * 0.75);
  const [answer, reason] = available ? ["True", "MinimumReplicasAvailable"] : ["False", "MinimumReplicasUnavailable"];
  const first = withCondition(status, { type: "Available", status: answer, reason }, at);
  const done = ready === wanted ? "NewReplicaSetAvailable" : "ReplicaSetUpdated";
  const second = withCondition(first, { type: "Progressing", status: "True", reason: done }, at);
  if (refused) return withCondition(second, { type: "ReplicaFailure", status: "True", reason: "FailedCreate" }, at);
  const conditions = listOf(second["conditions"]).filter((each) => textAt(each, "type") !== "ReplicaFailure");
  return { ...second, conditions };
}

/** Counts of zero are left out, as typed objects leave them out. */
function counted(counts: Readonly<Record<string, number>>): Tree {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}

export const deployments = createController({
  apiVersion: "apps/v1",
  kind: "Deployment",
  manager: CONTROLLER_MANAGER,
  hashLabel: "pod-template-hash",
  status: ({ replicas, ready, wanted }, { metadata }) => ({
    observedGeneration: metadata.generation ?? 1,
    terminatingReplicas: 0,
    ...counted({
      replicas,
      updatedReplicas: replicas,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: Math.max(0, wanted - ready),
    }),
  }),
});

export const rollouts = createController({
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Rollout",
  manager: "rollouts-controller",
  hashLabel: "rollouts-pod-template-hash",
  status: ({ replicas, ready, wanted, hash }, { metadata }) => ({
    observedGeneration: String(metadata.generation ?? 1),
    replicas,
    HPAReplicas: replicas,
    updatedReplicas: replicas,
    readyReplicas: ready,
    availableReplicas: ready,
    currentPodHash: hash,
    stableRS: hash,
    phase: ready === wanted ? "Healthy" : "Progressing",
  }),
});
