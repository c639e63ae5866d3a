import { isTree } from "../connections/objects.ts";
import type { KubeObject } from "../connections/types.ts";
import { listAt, numberAt, textAt, textsAt, valueAt } from "./fields.ts";
import type { DisruptionBudget } from "./types.ts";

type LabelSet = Readonly<Record<string, string>>;

/** Disruption budgets by namespace, matched to pod labels. */
export interface DisruptionBudgets {
  of(namespace: string, podLabels: LabelSet, replicas: number): DisruptionBudget[];
  /** May no pod with these labels be moved now? */
  forbids(namespace: string, podLabels: LabelSet): boolean;
}

export function createDisruptionBudgets(objects: readonly KubeObject[]): DisruptionBudgets {
  const byHook = Map.groupBy(objects, (object) => `${object.metadata.namespace ?? ""} ${hookOf(object)}`);
  const matching = (namespace: string, labels: LabelSet) =>
    [ANY, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)]
      .flatMap((hook) => byHook.get(`${namespace} ${hook}`) ?? [])
      .filter((object) => selects(valueAt(object, "spec", "selector"), labels));
  return {
    of: (namespace, labels, replicas) =>
      matching(namespace, labels).map((object) => ({
        name: object.metadata.name,
        minAvailable: Math.min(replicas, minAvailable(object, replicas)),
        disruptionsAllowed: allowed(object) ?? 0,
      })),
    forbids: (namespace, labels) => matching(namespace, labels).some((object) => allowed(object) === 0),
  };
}

const ANY = "";

/** One label that every selected pod has: a namespace may have as many budgets as workloads. */
function hookOf(object: KubeObject): string {
  const [first] = Object.entries(textsAt(object, "spec", "selector", "matchLabels"));
  return first === undefined ? ANY : `${first[0]}=${first[1]}`;
}

function allowed(object: KubeObject): number | undefined {
  return numberAt(object, "status", "disruptionsAllowed");
}

/** Percentages are rounded up, as the disruption controller does it. */
function minAvailable(object: KubeObject, replicas: number): number {
  const least = valueAt(object, "spec", "minAvailable");
  if (least !== undefined) return countOf(least, replicas) ?? replicas;
  const most = valueAt(object, "spec", "maxUnavailable");
  return most === undefined ? 0 : Math.max(0, replicas - (countOf(most, replicas) ?? 0));
}

function countOf(value: unknown, replicas: number): number | undefined {
  if (typeof value === "number") return value;
  const percent = typeof value === "string" ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? undefined : Math.ceil((Number(percent) * replicas) / 100);
}

/** An empty selector selects every pod of the namespace (policy/v1); none at all selects nothing. */
export function selects(selector: unknown, labels: LabelSet): boolean {
  if (!isTree(selector)) return false;
  const equal = Object.entries(textsAt(selector, "matchLabels")).every(([key, value]) => labels[key] === value);
  return equal && listAt(selector, "matchExpressions").every((expression) => holds(expression, labels));
}

function holds(expression: unknown, labels: LabelSet): boolean {
  const value = labels[textAt(expression, "key") ?? ""];
  const values = listAt(expression, "values");
  switch (textAt(expression, "operator")) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    default:
      return false;
  }
}
