import { milliOf } from "../quantity.ts";
import type { Change } from "../store.ts";
import { equal, listOf, textAt, treeOf, valueAt } from "../tree.ts";
import type { KubeObject } from "../types.ts";
import { type Controller, isKind, type Key, keyOf, type World } from "../world.ts";
import { isOver, withCondition } from "./pods.ts";

type Amounts = Record<string, number>;

/** Objects are never changed in place: what was read of one holds. */
function remembered(read: (object: KubeObject) => Amounts): (object: KubeObject) => Amounts {
  const known = new WeakMap<KubeObject, Amounts>();
  return (object) => {
    const amounts = known.get(object) ?? read(object);
    known.set(object, amounts);
    return amounts;
  };
}

/** What a node has for pods, in thousandths. */
const allocatableOf = remembered((node) =>
  Object.fromEntries(
    Object.entries(treeOf(valueAt(node.status, "allocatable"))).map(([name, amount]) => [name, milliOf(amount) ?? 0]),
  ),
);

/** What a pod asks of its node, in thousandths: its requests, and one of the node's places. */
const requestsOf = remembered((pod) => {
  const sum: Amounts = { pods: 1000 };
  for (const container of listOf(pod.spec?.["containers"])) {
    for (const [name, amount] of Object.entries(treeOf(valueAt(container, "resources", "requests")))) {
      sum[name] = (sum[name] ?? 0) + (milliOf(amount) ?? 0);
    }
  }
  return sum;
});

function tolerates(pod: KubeObject, taint: unknown): boolean {
  return listOf(pod.spec?.["tolerations"]).some((each) => {
    const { key, operator = "Equal", value = "", effect } = treeOf(each);
    if (effect !== undefined && effect !== textAt(taint, "effect")) return false;
    if (key === undefined) return operator === "Exists";
    if (key !== textAt(taint, "key")) return false;
    return operator === "Exists" || value === (textAt(taint, "value") ?? "");
  });
}

/** Whether the node would take it: labels, taints, cordon. */
function isWelcome(pod: KubeObject, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  const wanted = Object.entries(treeOf(pod.spec?.["nodeSelector"]));
  const taints = listOf(node.spec?.["taints"]).filter((each) => textAt(each, "effect") !== "PreferNoSchedule");
  const cordoned = valueAt(node.spec, "unschedulable") === true;
  return (
    !cordoned && wanted.every(([key, value]) => labels[key] === value) && taints.every((taint) => tolerates(pod, taint))
  );
}

/** A pod gets the first node that takes it; it is Pending when none does. */
export function createScheduler(): Controller {
  const used = new Map<string, Amounts>();
  const pending = new Map<string, Key>();

  function count({ before, after }: Change): void {
    for (const [pod, sign] of [
      [before, -1],
      [after, 1],
    ] as const) {
      const node = textAt(pod?.spec, "nodeName");
      if (pod === undefined || node === undefined || isOver(pod)) continue;
      const amounts = used.get(node) ?? {};
      used.set(node, amounts);
      for (const [name, milli] of Object.entries(requestsOf(pod))) amounts[name] = (amounts[name] ?? 0) + sign * milli;
    }
  }

  function hasRoom(pod: KubeObject, node: KubeObject): boolean {
    const has = allocatableOf(node);
    const taken = used.get(node.metadata.name) ?? {};
    const asked = requestsOf(pod);
    for (const name in asked) {
      const milli = asked[name] ?? 0;
      if (milli > 0 && (taken[name] ?? 0) + milli > (has[name] ?? 0)) return false;
    }
    return true;
  }

  /** Nobody gets a place where all are taken. */
  function isFull(node: KubeObject): boolean {
    return (used.get(node.metadata.name)?.["pods"] ?? 0) + 1000 > (allocatableOf(node)["pods"] ?? 0);
  }

  function place(pod: KubeObject, world: World): void {
    const { namespace, name } = keyOf(pod);
    const id = `${namespace}/${name}`;
    const nodeKind = world.kind("v1", "Node");
    const nodes = nodeKind === undefined ? [] : world.store.list(nodeKind);
    const node = nodes.find((each) => hasRoom(pod, each) && isWelcome(pod, each));
    if (node !== undefined) {
      pending.delete(id);
      bind(pod, node, world);
    } else if (!pending.has(id)) {
      pending.set(id, { namespace, name });
      hold(pod, world);
    }
  }

  /** Something was freed or changed: those who wait try again, the first first. */
  function sweep(world: World): void {
    const podKind = world.kind("v1", "Pod");
    const nodeKind = world.kind("v1", "Node");
    if (podKind === undefined || nodeKind === undefined) return;
    const nodes = world.store.list(nodeKind);
    for (const [id, { namespace, name }] of pending) {
      if (nodes.every(isFull)) return;
      const pod = world.store.get(podKind, namespace, name);
      if (pod === undefined) pending.delete(id);
      else place(pod, world);
    }
  }

  return {
    name: "scheduler",
    concerns(change) {
      const isPod = isKind(change, "v1", "Pod");
      if (isPod) count(change);
      if (isKind(change, "v1", "Node") && !isHeartbeat(change)) return [EVERYBODY];
      if (!isPod) return [];
      const { before, after } = change;
      const freed = textAt(before?.spec, "nodeName") !== undefined && (after === undefined || isOver(after));
      return [...(after === undefined ? [] : [keyOf(after)]), ...(freed ? [EVERYBODY] : [])];
    },
    reconcile(key, world) {
      if (key === EVERYBODY) {
        sweep(world);
        return;
      }
      const podKind = world.kind("v1", "Pod");
      const pod = podKind && world.store.get(podKind, key.namespace, key.name);
      if (pod === undefined || isOver(pod)) pending.delete(`${key.namespace}/${key.name}`);
      else if (textAt(pod.spec, "nodeName") === undefined) place(pod, world);
    },
  };
}

/** The key of all pods that wait. */
const EVERYBODY: Key = { namespace: "", name: "*" };

function isHeartbeat({ before, after }: Change): boolean {
  if (before === undefined || after === undefined) return false;
  const shown = ({ spec, status, metadata }: KubeObject) => [spec, metadata.labels, valueAt(status, "allocatable")];
  return equal(shown(before), shown(after));
}

function hold(pod: KubeObject, world: World): void {
  world.write(
    "kube-scheduler",
    pod,
    (draft) => {
      const waiting = { type: "PodScheduled", status: "False", reason: "Unschedulable" };
      draft.status = withCondition(treeOf(draft.status), waiting, world.instant());
    },
    "status",
  );
}

function bind(pod: KubeObject, node: KubeObject, world: World): void {
  world.write("kube-scheduler", pod, (draft) => {
    draft.spec = { ...draft.spec, nodeName: node.metadata.name };
  });
}
