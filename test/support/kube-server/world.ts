import type { Api } from "./api.ts";
import { KubeFailure } from "./failure.ts";
import type { Kinds } from "./resources.ts";
import type { Change, Store } from "./store.ts";
import type { Caller, KubeObject, ResourceKind } from "./types.ts";

/** Which object a controller has to look at. */
export interface Key {
  namespace: string;
  name: string;
}

/** What stands in for one controller of a cluster. It runs when something it is concerned with has changed, until nothing changes more. */
export interface Controller {
  name: string;
  /** The objects to look at again after this change. */
  concerns(change: Change, world: World): readonly Key[];
  reconcile(key: Key, world: World): void;
  /** Objects to look at again because time has passed. */
  due?(): readonly Key[];
}

/** What controllers work with. */
export interface World {
  store: Store;
  kinds: Kinds;
  api: Api;
  now: () => Date;
  /** The kind, or undefined where the server does not serve it. */
  kind(apiVersion: string, kind: string): ResourceKind | undefined;
  create(manager: string, object: KubeObject): KubeObject | KubeFailure;
  /** Puts new values into a shallow copy of the object (never into what they hold) and writes it, if it is still there; the refusal when it is refused. */
  write(
    manager: string,
    object: KubeObject,
    change: (draft: KubeObject) => void,
    subresource?: "status" | "scale",
  ): KubeObject | KubeFailure;
  /** Server-side apply with force. */
  apply(manager: string, config: KubeObject): KubeObject | KubeFailure;
  remove(manager: string, object: KubeObject): void;
  /** Five letters that no other call gets, the same in every run. */
  suffix(): string;
  /** What a kubelet has that no object tells: a bucket per controller. */
  instant(): string;
}

export function keyOf({ metadata }: KubeObject): Key {
  return { namespace: metadata.namespace ?? "", name: metadata.name };
}

/** The objects of a change, old and new. */
export function versionsOf({ before, after }: Change): KubeObject[] {
  return [before, after].filter((each) => each !== undefined);
}

export function isKind({ kind }: Change, apiVersion: string, name: string): boolean {
  const groupVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
  return kind.kind === name && groupVersion === apiVersion;
}

/** Whom admission policies see, as on the real servers. */
const USERS: Readonly<Record<string, string>> = {
  "kube-controller-manager": "system:kube-controller-manager",
  "kube-scheduler": "system:kube-scheduler",
  kubelet: "system:node:stand-in",
  keda: "system:serviceaccount:keda:keda-operator",
  karpenter: "system:serviceaccount:karpenter:karpenter",
  "argocd-controller": "system:serviceaccount:argocd:argocd-application-controller",
  "kustomize-controller": "system:serviceaccount:flux-system:kustomize-controller",
};

function callerOf(manager: string): Caller {
  return { user: USERS[manager] ?? `system:${manager}`, groups: ["system:masters", "system:authenticated"] };
}

export function createWorld({ store, kinds, api, now }: Pick<World, "store" | "kinds" | "api" | "now">): World {
  let made = 0;

  function guarded(work: () => KubeObject): KubeObject | KubeFailure {
    try {
      return work();
    } catch (error) {
      if (error instanceof KubeFailure) return error;
      throw error;
    }
  }

  return {
    store,
    kinds,
    api,
    now,
    kind: kinds.byKind,
    create(manager, object) {
      const options = { caller: callerOf(manager), manager };
      return guarded(() => api.create(kinds.of(object), object.metadata.namespace ?? "", object, options));
    },
    write(manager, object, change, subresource) {
      const { namespace = "", name } = object.metadata;
      const options = { caller: callerOf(manager), manager, ...(subresource === undefined ? {} : { subresource }) };
      return guarded(() =>
        api.update(
          kinds.of(object),
          namespace,
          name,
          (current) => {
            const { resourceVersion: _version, ...metadata } = current.metadata;
            const draft: KubeObject = { ...current, metadata };
            change(draft);
            return draft;
          },
          options,
        ),
      );
    },
    apply(manager, config) {
      const { namespace = "", name } = config.metadata;
      const options = { caller: callerOf(manager), manager, force: true };
      return guarded(() => api.apply(kinds.of(config), namespace, name, config, options).object);
    },
    remove(manager, object) {
      const { namespace = "", name } = object.metadata;
      guarded(() => api.remove(kinds.of(object), namespace, name, {}, { caller: callerOf(manager), manager }));
    },
    suffix() {
      made += 1;
      return made.toString(36).padStart(5, "0");
    },
    instant: () => `${now().toISOString().slice(0, 19)}Z`,
  };
}

/** Runs controllers until nothing is left to look at. */
export function createLoop(controllers: readonly Controller[], world: World): { settle(): void } {
  const waiting = new Map<string, { controller: Controller; key: Key }>();
  let running = false;
  const add = (controller: Controller, keys: readonly Key[]) => {
    for (const key of keys) waiting.set(`${controller.name}/${key.namespace}/${key.name}`, { controller, key });
  };
  world.store.onChange((change) => {
    for (const controller of controllers) add(controller, controller.concerns(change, world));
  });

  return {
    settle() {
      if (running) return;
      running = true;
      for (const controller of controllers) add(controller, controller.due?.() ?? []);
      const looked = new Map<string, number>();
      try {
        for (let next = waiting.entries().next(); next.done !== true; next = waiting.entries().next()) {
          const [id, { controller, key }] = next.value;
          waiting.delete(id);
          const times = (looked.get(id) ?? 0) + 1;
          if (times > 5_000) throw new Error(`controllers fight without end over ${id}`);
          looked.set(id, times);
          controller.reconcile(key, world);
        }
      } finally {
        running = false;
      }
    },
  };
}
