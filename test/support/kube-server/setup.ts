import { node } from "../kube-objects.ts";
import type { Api } from "./api.ts";
import { mergePatch } from "./merge-patch.ts";
import type { Kinds } from "./resources.ts";
import { stripped } from "./snapshot.ts";
import type { Store } from "./store.ts";
import { clone } from "./tree.ts";
import type { Caller, KubeObject, Tree } from "./types.ts";

/** An object by name. */
export interface ObjectName {
  apiVersion: string;
  kind: string;
  namespace?: string;
  name: string;
}

export interface SnapshotOptions {
  /** Without what the server and its controllers add: versions, owners of fields, generation, status, and the objects that controllers made. */
  stripped?: boolean;
  /** Only these kinds. */
  kinds?: readonly string[];
}

/** The server without the network, for what a test prepares, does on the side and looks at. Nothing of it is in the request log. */
export interface Setup {
  /** Creates, or replaces what is there (its `status` too, if given). Makes a missing namespace. `as`: field manager, `kubectl` unless said. */
  apply(object: KubeObject, options?: { as?: string }): KubeObject;
  /** A JSON merge patch, as somebody else than GenOps sends it. */
  patch(name: ObjectName, patch: Tree, options?: { as?: string; subresource?: "status" | "scale" }): KubeObject;
  /** A copy; undefined when it is not there. */
  get(name: ObjectName): KubeObject | undefined;
  list(apiVersion: string, kind: string, namespace?: string): KubeObject[];
  delete(name: ObjectName): void;
  /** Copies of all objects, by `apiVersion/Kind/namespace/name`. */
  snapshot(options?: SnapshotOptions): Record<string, KubeObject>;
}

interface SetupParts {
  store: Store;
  kinds: Kinds;
  api: Api;
  afterWrite: () => void;
}

const ADMIN: Caller = { user: "admin", groups: ["system:masters", "system:authenticated"] };
const RBAC = "rbac.authorization.k8s.io";
const PERSON_IS_ADMIN: readonly KubeObject[] = [
  {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRole",
    metadata: { name: "cluster-admin" },
    rules: [{ apiGroups: ["*"], resources: ["*"], verbs: ["*"] }],
  },
  {
    apiVersion: `${RBAC}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name: "dev-person" },
    roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: "cluster-admin" },
    subjects: [{ apiGroup: RBAC, kind: "User", name: "dev-person" }],
  },
];
const NAMESPACES = ["default", "kube-system", "kube-public", "kube-node-lease"];

export function createSetup({
  store,
  kinds,
  api,
  afterWrite,
}: SetupParts): Setup & { bootstrap(name: string, nodes: number): void } {
  function kindOf({ apiVersion, kind }: { apiVersion: string; kind: string }) {
    return kinds.of({ apiVersion, kind, metadata: { name: "" } });
  }

  function ensureNamespace(name: string): void {
    const kind = kinds.byKind("v1", "Namespace");
    if (kind === undefined || name === "" || store.get(kind, "", name) !== undefined) return;
    const labels = { "kubernetes.io/metadata.name": name };
    const object = { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
    api.create(kind, "", object, { caller: ADMIN, manager: "kubectl" });
  }

  function write(object: KubeObject, manager: string): KubeObject {
    const kind = kindOf(object);
    const namespace = kind.namespaced ? (object.metadata.namespace ?? "default") : "";
    const { name } = object.metadata;
    ensureNamespace(namespace);
    const options = { caller: ADMIN, manager };
    const { uid: _uid, resourceVersion: _version, ...metadata } = clone(object.metadata);
    const wished = { ...clone(object), metadata };
    const exists = store.get(kind, namespace, name) !== undefined;
    const written = exists
      ? api.update(kind, namespace, name, () => wished, options)
      : api.create(kind, namespace, wished, options);
    if (!kind.status || object.status === undefined) return written;
    const { status } = wished;
    const setStatus = (current: KubeObject) => ({ ...current, ...(status === undefined ? {} : { status }) });
    return api.update(kind, namespace, name, setStatus, { ...options, subresource: "status" });
  }

  return {
    bootstrap(name, nodes) {
      for (const space of NAMESPACES) ensureNamespace(space);
      for (let index = 0; index < nodes; index++) write(firstNode(name, index), "kubelet");
      for (const object of PERSON_IS_ADMIN) write(object, "kubectl");
      afterWrite();
    },
    apply(object, { as = "kubectl" } = {}) {
      const written = write(object, as);
      afterWrite();
      return clone(written);
    },
    patch(target, patch, { as = "kubectl", subresource } = {}) {
      const kind = kindOf(target);
      const options = { caller: ADMIN, manager: as, ...(subresource === undefined ? {} : { subresource }) };
      const change = (current: KubeObject) => mergePatch(current, patch) as KubeObject;
      const written = api.update(kind, target.namespace ?? "", target.name, change, options);
      afterWrite();
      return clone(written);
    },
    get(target) {
      return clone(store.get(kindOf(target), target.namespace ?? "", target.name));
    },
    list(apiVersion, kind, namespace) {
      return clone(store.list(kindOf({ apiVersion, kind }), namespace));
    },
    delete(target) {
      const options = { caller: ADMIN, manager: "kubectl" };
      api.remove(kindOf(target), target.namespace ?? "", target.name, {}, options);
      afterWrite();
    },
    snapshot({ stripped: bare = false, kinds: only } = {}) {
      const objects = kinds.all
        .filter(({ kind }) => only === undefined || only.includes(kind))
        .flatMap((kind) => store.list(kind))
        .filter((object) => !bare || !isMade(object));
      const entries = objects.map((object) => [nameOf(object), clone(bare ? stripped(object) : object)] as const);
      return Object.fromEntries(entries);
    },
  };
}

/** As on the real server of AWS. */
function firstNode(cluster: string, index: number): KubeObject {
  const labels = { "eks.amazonaws.com/nodegroup": "pool-1", "eks.amazonaws.com/capacityType": "ON_DEMAND" };
  const zone = `us-west-2${"abc"[index % 3]}`;
  const name = `${cluster}-pool-1-${index}`;
  return node({ name, labels, zone, cpu: "4", memory: "16Gi", instanceType: "m6i.xlarge" });
}

/** A controller made it: it comes back under another name. */
function isMade({ metadata }: KubeObject): boolean {
  return (metadata.ownerReferences ?? []).some(({ controller }) => controller === true);
}

function nameOf({ apiVersion, kind, metadata: { namespace = "", name } }: KubeObject): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`;
}
