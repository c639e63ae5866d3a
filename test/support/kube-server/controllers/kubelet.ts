import { isTree, listOf, textAt, treeOf } from "../tree.ts";
import type { KubeObject, Tree } from "../types.ts";
import { type Controller, isKind, type Key, keyOf, type World } from "../world.ts";

/** How long a pod runs before it ends as Succeeded (`500ms`, `0s`); without it, it runs on. */
const COMPLETES_AFTER = "test.genops.ai/completes-after";
/** `false`: the pod runs and never gets ready. */
const READY = "test.genops.ai/ready";

/** Runs what is scheduled, at once, and ends it when its annotation says; time passes at the next settling. */
export function createKubelet(): Controller {
  const ending = new Map<string, Key>();
  return {
    name: "kubelet",
    concerns: (change) => (isKind(change, "v1", "Pod") && change.after !== undefined ? [keyOf(change.after)] : []),
    due: () => [...ending.values()],
    reconcile(key, world) {
      const kind = world.kind("v1", "Pod");
      const pod = kind && world.store.get(kind, key.namespace, key.name);
      const phase = textAt(pod?.status, "phase");
      const id = `${key.namespace}/${key.name}`;
      if (pod === undefined || textAt(pod.spec, "nodeName") === undefined) return;
      if (phase === "Pending") run(pod, world);
      else if (phase === "Running" && pod.metadata.annotations?.[COMPLETES_AFTER] !== undefined) {
        if (endsAt(pod) <= world.now().getTime()) complete(pod, world);
        else {
          ending.set(id, key);
          return;
        }
      }
      ending.delete(id);
    },
  };
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function endsAt(pod: KubeObject): number {
  const text = pod.metadata.annotations?.[COMPLETES_AFTER] ?? "";
  const [, amount = "", unit = ""] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  if (amount === "") throw new Error(`${COMPLETES_AFTER}: ${text}`);
  return Date.parse(textAt(pod.status, "startTime") ?? "") + Number(amount) * (UNITS[unit] ?? 0);
}

function run(pod: KubeObject, world: World): void {
  const ready = pod.metadata.annotations?.[READY] !== "false";
  setStatus(pod, world, (at) => ({
    phase: "Running",
    startTime: at,
    podIP: "10.0.0.1",
    conditions: [
      ...["PodScheduled", "Initialized"].map((type) => ({ type, status: "True", lastTransitionTime: at })),
      ...["ContainersReady", "Ready"].map((type) => ({
        type,
        status: ready ? "True" : "False",
        lastTransitionTime: at,
      })),
    ],
    containerStatuses: containerStatuses(pod, ready, { running: { startedAt: at } }),
  }));
}

function complete(pod: KubeObject, world: World): void {
  setStatus(pod, world, (at) => ({
    phase: "Succeeded",
    conditions: listOf(treeOf(pod.status)["conditions"])
      .filter(isTree)
      .map((each) =>
        ["ContainersReady", "Ready"].includes(String(each["type"]))
          ? { ...each, status: "False", reason: "PodCompleted", lastTransitionTime: at }
          : each,
      ),
    containerStatuses: containerStatuses(pod, false, {
      terminated: { reason: "Completed", exitCode: 0, finishedAt: at },
    }),
  }));
}

function containerStatuses({ spec }: KubeObject, ready: boolean, state: Tree): Tree[] {
  return listOf(spec?.["containers"])
    .filter(isTree)
    .map(({ name, image }) => ({ name, image, imageID: "", ready, restartCount: 0, started: ready, state }));
}

function setStatus(pod: KubeObject, world: World, status: (at: string) => Tree): void {
  world.write(
    "kubelet",
    pod,
    (draft) => {
      draft.status = { ...treeOf(draft.status), ...status(world.instant()) };
    },
    "status",
  );
}
