import type { KubeObject, ResourceKind } from "./types.ts";

export interface Change {
  kind: ResourceKind;
  before: KubeObject | undefined;
  after: KubeObject | undefined;
}

/** Objects by kind, namespace and name; one counter of versions for all, as in etcd. */
export interface Store {
  get(kind: ResourceKind, namespace: string, name: string): KubeObject | undefined;
  /** Of one namespace, or of all; in the order of namespace and name. */
  list(kind: ResourceKind, namespace?: string): KubeObject[];
  put(kind: ResourceKind, object: KubeObject): void;
  remove(kind: ResourceKind, object: KubeObject): void;
  /** What names this uid among its owners. */
  ownedBy(uid: string): { kind: ResourceKind; object: KubeObject }[];
  version(): string;
  nextVersion(): string;
  onChange(listener: (change: Change) => void): void;
}

type Named = Map<string, KubeObject>;

export function createStore(): Store {
  const tables = new Map<ResourceKind, Map<string, Named>>();
  const owned = new Map<string, Map<string, { kind: ResourceKind; object: KubeObject }>>();
  const listeners: ((change: Change) => void)[] = [];
  let version = 1;

  function names(kind: ResourceKind, namespace: string): Named {
    const table = tables.get(kind) ?? new Map<string, Named>();
    tables.set(kind, table);
    const found = table.get(namespace) ?? new Map<string, KubeObject>();
    table.set(namespace, found);
    return found;
  }

  function reindex(kind: ResourceKind, before: KubeObject | undefined, after: KubeObject | undefined): void {
    for (const { uid } of before?.metadata.ownerReferences ?? []) owned.get(uid)?.delete(before?.metadata.uid ?? "");
    for (const { uid } of after?.metadata.ownerReferences ?? []) {
      const children = owned.get(uid) ?? new Map<string, { kind: ResourceKind; object: KubeObject }>();
      owned.set(uid, children);
      if (after !== undefined) children.set(after.metadata.uid ?? "", { kind, object: after });
    }
    for (const listener of listeners) listener({ kind, before, after });
  }

  return {
    get: (kind, namespace, name) => tables.get(kind)?.get(namespace)?.get(name),
    list(kind, namespace) {
      const table = tables.get(kind);
      if (table === undefined) return [];
      const spaces = namespace === undefined ? [...table.keys()].sort() : [namespace];
      return spaces.flatMap((space) => [...(table.get(space)?.values() ?? [])].sort(byName));
    },
    put(kind, object) {
      const table = names(kind, object.metadata.namespace ?? "");
      const before = table.get(object.metadata.name);
      table.set(object.metadata.name, object);
      reindex(kind, before, object);
    },
    remove(kind, object) {
      const table = names(kind, object.metadata.namespace ?? "");
      const before = table.get(object.metadata.name);
      table.delete(object.metadata.name);
      version += 1;
      reindex(kind, before, undefined);
    },
    ownedBy: (uid) => [...(owned.get(uid)?.values() ?? [])],
    version: () => String(version),
    nextVersion: () => String(++version),
    onChange: (listener) => void listeners.push(listener),
  };
}

function byName(a: KubeObject, b: KubeObject): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
