import { forbidden, type KubeFailure } from "./failure.ts";
import { milliOf, quantityOf } from "./quantity.ts";
import type { Kinds } from "./resources.ts";
import type { Store } from "./store.ts";
import { listOf, textAt, treeOf, valueAt } from "./tree.ts";
import type { KubeObject, ResourceKind, Tree } from "./types.ts";

type Usage = Record<string, number>;

/** What one object counts against, in thousandths, by the name a ResourceQuota gives it. */
function chargeOf(kind: ResourceKind, object: KubeObject): Usage {
  const counted = `count/${kind.resource}${kind.group === "" ? "" : `.${kind.group}`}`;
  const charge: Usage = { [counted]: 1000 };
  if (kind.group === "") charge[kind.resource] = 1000;
  if (kind.resource !== "pods" || kind.group !== "") return charge;
  for (const container of listOf(object.spec?.["containers"])) {
    for (const side of ["requests", "limits"] as const) {
      for (const [name, amount] of Object.entries(treeOf(valueAt(container, "resources", side)))) {
        const milli = milliOf(amount) ?? 0;
        charge[`${side}.${name}`] = (charge[`${side}.${name}`] ?? 0) + milli;
        if (side === "requests" && !name.includes("/")) charge[name] = (charge[name] ?? 0) + milli;
      }
    }
  }
  return charge;
}

/** A pod that has ended counts among objects, not among running pods. */
function isOver(object: KubeObject): boolean {
  return ["Succeeded", "Failed"].includes(textAt(object, "status", "phase") ?? "");
}

function usedOf(names: readonly string[], namespace: string, store: Store, kinds: Kinds): Usage {
  const used: Usage = Object.fromEntries(names.map((name) => [name, 0]));
  for (const kind of kinds.all) {
    if (!kind.namespaced || kind.group === "metrics.k8s.io" || !names.some((name) => concerns(name, kind))) continue;
    for (const object of store.list(kind, namespace)) {
      const charge = chargeOf(kind, object);
      for (const name of names) {
        if (kind.resource === "pods" && !name.startsWith("count/") && isOver(object)) continue;
        used[name] = (used[name] ?? 0) + (charge[name] ?? 0);
      }
    }
  }
  return used;
}

function concerns(name: string, kind: ResourceKind): boolean {
  if (name.startsWith("count/")) return name === `count/${kind.resource}${kind.group === "" ? "" : `.${kind.group}`}`;
  return kind.group === "" && (kind.resource === "pods" || kind.resource === name);
}

/** Refuses the creation that would exceed a quota of its namespace. */
export function admitByQuota(kind: ResourceKind, object: KubeObject, store: Store, kinds: Kinds): void {
  const quotaKind = kinds.byKind("v1", "ResourceQuota");
  const namespace = object.metadata.namespace;
  if (quotaKind === undefined || namespace === undefined || kind === quotaKind) return;
  for (const quota of store.list(quotaKind, namespace)) {
    const hard = treeOf(quota.spec?.["hard"]);
    const charge = chargeOf(kind, object);
    refuseUnstated(kind, object, quota, hard, charge);
    const asked = Object.keys(hard).filter((name) => (charge[name] ?? 0) > 0);
    if (asked.length === 0) continue;
    const used = usedOf(asked, namespace, store, kinds);
    const over = asked.filter((name) => (used[name] ?? 0) + (charge[name] ?? 0) > (milliOf(hard[name]) ?? 0));
    if (over.length > 0) throw exceeded(kind, object, quota, { over, charge, used, hard });
  }
}

/** A quota on requests demands that every pod states them. */
function refuseUnstated(kind: ResourceKind, object: KubeObject, quota: KubeObject, hard: Tree, charge: Usage): void {
  if (kind.resource !== "pods" || kind.group !== "") return;
  const needed = ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"];
  const missing = needed.filter((name) => name in hard && charge[name] === undefined);
  if (missing.length === 0) return;
  const container = textAt(listOf(object.spec?.["containers"])[0], "name") ?? "";
  const each = missing.map((name) => `${name} for: ${container}`).join("; ");
  throw forbidden(kind, object.metadata.name, `failed quota: ${quota.metadata.name}: must specify ${each}`);
}

function exceeded(
  kind: ResourceKind,
  object: KubeObject,
  quota: KubeObject,
  { over, charge, used, hard }: { over: string[]; charge: Usage; used: Usage; hard: Tree },
): KubeFailure {
  const list = (value: (name: string) => string) => over.map((name) => `${name}=${value(name)}`).join(",");
  const requested = list((name) => quantityOf(charge[name] ?? 0));
  const spent = list((name) => quantityOf(used[name] ?? 0));
  const limited = list((name) => String(hard[name]));
  const why = `exceeded quota: ${quota.metadata.name}, requested: ${requested}, used: ${spent}, limited: ${limited}`;
  return forbidden(kind, object.metadata.name, why);
}

/** `status` of a quota: its limits and what is used of them. */
export function quotaStatus(quota: KubeObject, store: Store, kinds: Kinds): Tree {
  const hard = treeOf(quota.spec?.["hard"]);
  const used = usedOf(Object.keys(hard), quota.metadata.namespace ?? "", store, kinds);
  return { hard, used: Object.fromEntries(Object.entries(used).map(([name, milli]) => [name, quantityOf(milli)])) };
}
