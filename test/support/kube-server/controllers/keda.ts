import { listOf, numberAt, textAt, treeOf } from "../tree.ts";
import type { KubeObject, Tree } from "../types.ts";
import { type Controller, isKind, keyOf, versionsOf, type World } from "../world.ts";
import { scaleTo, targetOf } from "./autoscalers.ts";
import { controllerKey, ownedBy } from "./pods.ts";

const MANAGER = "keda";
const LABEL = "scaledobject.keda.sh/name";
const ANNOTATION = "autoscaling.keda.sh/";

/*
 * KEDA as far as pausing goes (`reference/kubernetes.md` §3.1, KEDA ≥ 2.18.2): `paused-replicas` wins over `paused`; either sets the condition
 * Paused and deletes the HPA, the first scales the target too; the one-way pauses set the condition and keep the HPA, with that direction
 * switched off in its behaviour.
 */
export const keda: Controller = {
  name: "keda",
  concerns(change) {
    if (isKind(change, "keda.sh/v1alpha1", "ScaledObject")) return versionsOf(change).map(keyOf);
    const hpa = change.kind.kind === "HorizontalPodAutoscaler";
    return hpa ? versionsOf(change).flatMap((each) => controllerKey(each, "ScaledObject")) : [];
  },
  reconcile({ namespace, name }, world) {
    const kind = world.kind("keda.sh/v1alpha1", "ScaledObject");
    const scaled = kind && world.store.get(kind, namespace, name);
    const hpaKind = world.kind("autoscaling/v2", "HorizontalPodAutoscaler");
    if (scaled === undefined || hpaKind === undefined || scaled.metadata.deletionTimestamp !== undefined) return;
    label(scaled, world);
    const pause = pauseOf(scaled);
    const target = targetOf(scaled.spec?.["scaleTargetRef"], namespace, world);
    const hpa = world.store.get(hpaKind, namespace, hpaName(scaled));
    if (pause.stopped) {
      if (hpa !== undefined) world.remove(MANAGER, hpa);
      // Once paused, the target is looked at only when the count changes.
      const held = numberAt(scaled.status, "pausedReplicaCount");
      if (pause.replicas !== undefined && pause.replicas !== held && target !== undefined) {
        scaleTo(MANAGER, target, pause.replicas, world);
      }
    } else if (target !== undefined) {
      ensureHpa(scaled, pause, hpa, world);
      activate(scaled, pause, target, world);
    }
    report(scaled, pause, target !== undefined, world);
  },
};

interface Pause {
  /** The whole loop stands still, and there is no HPA. */
  stopped: boolean;
  replicas: number | undefined;
  scaleIn: boolean;
  scaleOut: boolean;
}

function pauseOf({ metadata: { annotations = {} } }: KubeObject): Pause {
  const value = (name: string) => annotations[`${ANNOTATION}${name}`];
  const replicas = /^\d+$/.test(value("paused-replicas") ?? "") ? Number(value("paused-replicas")) : undefined;
  // What is no boolean counts as true.
  const says = (name: string) => value(name) !== undefined && !FALSE.has(value(name) ?? "");
  return {
    stopped: says("paused") || replicas !== undefined,
    replicas,
    scaleIn: says("paused-scale-in"),
    scaleOut: says("paused-scale-out"),
  };
}

const FALSE = new Set(["0", "f", "F", "false", "FALSE", "False"]);

function hpaName(scaled: KubeObject): string {
  const wished = textAt(scaled.spec, "advanced", "horizontalPodAutoscalerConfig", "name");
  return wished ?? `keda-hpa-${scaled.metadata.name}`;
}

function ensureHpa(scaled: KubeObject, pause: Pause, hpa: KubeObject | undefined, world: World): void {
  const { namespace, name } = keyOf(scaled);
  const ref = treeOf(scaled.spec?.["scaleTargetRef"]);
  const metrics = listOf(scaled.spec?.["triggers"]).map((trigger, index) => {
    const metric = { name: `s${index}-${textAt(trigger, "type")}`, selector: { matchLabels: { [LABEL]: name } } };
    return { type: "External", external: { metric, target: { type: "AverageValue", averageValue: "1" } } };
  });
  const behavior: Tree = {
    ...(pause.scaleOut ? { scaleUp: { selectPolicy: "Disabled" } } : {}),
    ...(pause.scaleIn ? { scaleDown: { selectPolicy: "Disabled" } } : {}),
  };
  const spec: Tree = {
    scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", ...ref },
    minReplicas: Math.max(1, numberAt(scaled.spec, "minReplicaCount") ?? 0),
    maxReplicas: numberAt(scaled.spec, "maxReplicaCount") ?? 100,
    metrics,
    ...(Object.keys(behavior).length === 0 ? {} : { behavior }),
  };
  if (hpa !== undefined) {
    world.write(MANAGER, hpa, (draft) => {
      draft.spec = spec;
    });
    return;
  }
  world.create(MANAGER, {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: {
      name: hpaName(scaled),
      namespace,
      labels: {
        "app.kubernetes.io/name": hpaName(scaled),
        "app.kubernetes.io/part-of": name,
        "app.kubernetes.io/managed-by": "keda-operator",
        [LABEL]: name,
      },
      ownerReferences: ownedBy(scaled) ?? [],
    },
    spec,
  });
}

/** KEDA's own part: from and to zero, and up to the minimum. Triggers see work unless the annotation says that they do not. */
function activate(scaled: KubeObject, pause: Pause, target: KubeObject, world: World): void {
  const replicas = numberAt(target.spec, "replicas") ?? 1;
  const wanted = wantedCount(scaled, replicas);
  if ((wanted > replicas && pause.scaleOut) || (wanted < replicas && pause.scaleIn)) return;
  scaleTo(MANAGER, target, wanted, world);
}

function wantedCount(scaled: KubeObject, replicas: number): number {
  const min = numberAt(scaled.spec, "minReplicaCount") ?? 0;
  const idle = numberAt(scaled.spec, "idleReplicaCount");
  const active = isActive(scaled);
  if (active && replicas === 0) return Math.max(1, min);
  if (!active && idle !== undefined) return Math.min(replicas, idle);
  if (!active && min === 0) return 0;
  return idle === undefined ? Math.max(replicas, min) : replicas;
}

function isActive({ metadata }: KubeObject): boolean {
  return metadata.annotations?.["test.genops.ai/active"] !== "false";
}

/** KEDA labels its objects with their own name. */
function label(scaled: KubeObject, world: World): void {
  if (scaled.metadata.labels?.[LABEL] === scaled.metadata.name) return;
  world.write(MANAGER, scaled, (draft) => {
    draft.metadata.labels = { ...draft.metadata.labels, [LABEL]: draft.metadata.name };
  });
}

function report(scaled: KubeObject, pause: Pause, found: boolean, world: World): void {
  const paused = pause.stopped || pause.scaleIn || pause.scaleOut;
  const wished: readonly (readonly [string, boolean, string])[] = [
    ["Ready", found, found ? "ScaledObjectReady" : "ScaledObjectCheckFailed"],
    ...(pause.stopped ? [] : [["Active", isActive(scaled), "ScalerActive"] as const]),
    ["Paused", paused, paused ? "ScaledObjectPaused" : "ScaledObjectUnpaused"],
  ];
  world.write(
    MANAGER,
    scaled,
    (draft) => {
      const { pausedReplicaCount: _old, conditions: before, ...rest } = treeOf(draft.status);
      const ref = treeOf(draft.spec?.["scaleTargetRef"]);
      const target = targetOf(ref, draft.metadata.namespace ?? "", world);
      const told = wished.map(([type, holds, reason]) => ({ type, status: holds ? "True" : "False", reason }));
      const kept = listOf(before).filter((each) => told.every(({ type }) => type !== textAt(each, "type")));
      draft.status = {
        ...rest,
        scaleTargetKind: `${textAt(ref, "apiVersion") ?? "apps/v1"}.${textAt(ref, "kind") ?? "Deployment"}`,
        hpaName: hpaName(draft),
        originalReplicaCount: rest["originalReplicaCount"] ?? numberAt(target?.spec, "replicas") ?? 1,
        ...(pause.stopped && pause.replicas !== undefined ? { pausedReplicaCount: pause.replicas } : {}),
        conditions: [...told, ...kept],
      };
    },
    "status",
  );
}
