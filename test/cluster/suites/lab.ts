import { randomBytes } from "node:crypto";
import { expect } from "vitest";
import type { KubeObject, ManagedFields, Tree } from "../../support/kube-server/types.ts";
import type { ClusterTarget } from "../target.ts";
import { type CallOptions, createRawClient, type RawAnswer, type RawClient } from "./raw-client.ts";

/** Plural names of what the suites make; cluster-wide ones in the second table. */
const PLURALS: Readonly<Record<string, string>> = {
  Pod: "pods",
  ConfigMap: "configmaps",
  ResourceQuota: "resourcequotas",
  Deployment: "deployments",
  StatefulSet: "statefulsets",
  ReplicaSet: "replicasets",
  Job: "jobs",
  CronJob: "cronjobs",
  HorizontalPodAutoscaler: "horizontalpodautoscalers",
  PodDisruptionBudget: "poddisruptionbudgets",
  ScaledObject: "scaledobjects",
  Rollout: "rollouts",
  Role: "roles",
  RoleBinding: "rolebindings",
};
const CLUSTER_WIDE: Readonly<Record<string, string>> = {
  Namespace: "namespaces",
  Node: "nodes",
  NodePool: "nodepools",
  ClusterRole: "clusterroles",
  ClusterRoleBinding: "clusterrolebindings",
  ValidatingAdmissionPolicy: "validatingadmissionpolicies",
  ValidatingAdmissionPolicyBinding: "validatingadmissionpolicybindings",
};

export interface Named {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string };
}

export function collectionPath({ apiVersion, kind, metadata: { namespace = "default" } }: Named): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const wide = CLUSTER_WIDE[kind];
  return wide === undefined ? `${root}/namespaces/${namespace}/${PLURALS[kind]}` : `${root}/${wide}`;
}

export function pathOf(object: Named): string {
  return `${collectionPath(object)}/${object.metadata.name}`;
}

/** What a test works with: a namespace of its own on the target, and the verbs on objects. */
export interface Lab {
  target: ClusterTarget;
  client: RawClient;
  namespace: string;
  /** A name that no other test has: for cluster-wide objects, which the lab removes at its end when it made them. */
  unique(prefix: string): string;
  make(object: KubeObject): Promise<KubeObject>;
  read(object: Named): Promise<KubeObject>;
  mergePatch(object: Named, body: Tree, options?: CallOptions): Promise<RawAnswer>;
  /** Reads until the object is as it should be. */
  settled(object: Named, until: (object: KubeObject) => boolean): Promise<KubeObject>;
  pods(app: string): Promise<KubeObject[]>;
  close(): Promise<void>;
}

export async function openLab(target: ClusterTarget): Promise<Lab> {
  const client = createRawClient(target);
  const namespace = `conf-${randomBytes(4).toString("hex")}`;
  const made: Named[] = [];

  async function make(object: KubeObject): Promise<KubeObject> {
    const { status, body } = await client.call("POST", collectionPath(object), { body: object });
    expect(status, JSON.stringify(body)).toBe(201);
    if (object.kind in CLUSTER_WIDE) made.push(object);
    return asObject(body);
  }

  async function read(object: Named): Promise<KubeObject> {
    const { status, body } = await client.call("GET", pathOf(object));
    expect(status, JSON.stringify(body)).toBe(200);
    return asObject(body);
  }

  await make({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  return {
    target,
    client,
    namespace,
    unique: (prefix) => `${prefix}-${randomBytes(4).toString("hex")}`,
    make,
    read,
    mergePatch: (object, body, options = {}) =>
      client.call("PATCH", pathOf(object), { ...options, body, patch: "merge" }),
    settled: (object, until) => target.eventually(() => read(object), until),
    async pods(app) {
      const query = { labelSelector: `app=${app}` };
      const { body } = await client.call("GET", `/api/v1/namespaces/${namespace}/pods`, { query });
      return (body["items"] as KubeObject[]).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    },
    async close() {
      for (const object of made.toReversed()) await client.call("DELETE", pathOf(object));
      client.close();
    },
  };
}

export function asObject(body: RawAnswer["body"]): KubeObject {
  const { apiVersion, kind, metadata } = body;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || metadata === undefined) {
    throw new Error(`no object: ${JSON.stringify(body)}`);
  }
  const { status, ...rest } = body;
  return { ...rest, apiVersion, kind, metadata, ...(status === undefined ? {} : { status: status as Tree }) };
}

/** Who owns a field, of `["spec", "replicas"]`: manager, and subresource after a slash. */
export function ownersOf(object: KubeObject, path: readonly string[]): string[] {
  const owns = ({ fieldsV1 }: ManagedFields) =>
    path.reduce<Tree | undefined>((place, key) => place?.[`f:${key}`] as Tree | undefined, fieldsV1) !== undefined;
  return (object.metadata.managedFields ?? [])
    .filter(owns)
    .map(({ manager, subresource }) => (subresource === undefined ? manager : `${manager}/${subresource}`));
}

/** `type=status` of an object's conditions. */
export function conditions(object: KubeObject): Record<string, string> {
  const list = (object.status?.["conditions"] ?? []) as { type: string; status: string }[];
  return Object.fromEntries(list.map(({ type, status }) => [type, status]));
}

/** Names of the containers of a workload's template. */
export function containerNames({ spec }: { spec?: Tree }): string[] {
  const template = (spec?.["template"] ?? { spec: { containers: [] } }) as { spec: { containers: { name: string }[] } };
  return template.spec.containers.map(({ name }) => name);
}
