import type { KubeObject } from "../connections/types.ts";
import { listAt, textAt, textsAt, valueAt } from "./fields.ts";
import type { NodeExpression, Placement, Toleration } from "./types.ts";

const HOSTNAME = "kubernetes.io/hostname";

/** Reads where pods may run; pods of one template share the result. */
export function createPlacementReader(): (pod: KubeObject) => Placement {
  const known = new Map<string, Placement>();
  return (pod) => {
    const placement = {
      nodeSelector: textsAt(pod, "spec", "nodeSelector"),
      nodeTerms: nodeTermsOf(pod),
      tolerations: listAt(pod, "spec", "tolerations").map(tolerationOf),
      zonal: hasVolumeClaim(valueAt(pod, "spec")),
      onePerNode: isOnePerNode(pod),
    };
    const key = JSON.stringify(placement);
    const found = known.get(key) ?? { key, ...placement };
    known.set(key, found);
    return found;
  };
}

/** Of a pod's spec. */
export function hasVolumeClaim(spec: unknown): boolean {
  return listAt(spec, "volumes").some(
    (volume) => valueAt(volume, "persistentVolumeClaim") !== undefined || valueAt(volume, "ephemeral") !== undefined,
  );
}

function nodeTermsOf(pod: KubeObject): NodeExpression[][] {
  const required = valueAt(pod, "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
  return listAt(required, "nodeSelectorTerms").map((term) => [
    ...listAt(term, "matchExpressions").map((expression) => expressionOf(expression, "")),
    ...listAt(term, "matchFields").map((expression) => expressionOf(expression, "field:")),
  ]);
}

function expressionOf(expression: unknown, prefix: string): NodeExpression {
  return {
    key: prefix + (textAt(expression, "key") ?? ""),
    operator: textAt(expression, "operator") ?? "",
    values: listAt(expression, "values").map(String),
  };
}

function tolerationOf(toleration: unknown): Toleration {
  const key = textAt(toleration, "key");
  const value = textAt(toleration, "value");
  const effect = textAt(toleration, "effect");
  return {
    ...(key === undefined || key === "" ? {} : { key }),
    operator: textAt(toleration, "operator") === "Exists" ? "Exists" : "Equal",
    ...(value === undefined ? {} : { value }),
    ...(effect === undefined || effect === "" ? {} : { effect }),
  };
}

function isOnePerNode(pod: KubeObject): boolean {
  const anti = listAt(pod, "spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
  if (anti.some((term) => textAt(term, "topologyKey") === HOSTNAME)) return true;
  return listAt(pod, "spec", "containers").some((container) =>
    listAt(container, "ports").some((port) => typeof valueAt(port, "hostPort") === "number"),
  );
}
