import { expect } from "vitest";
import type { ClusterAccess } from "../support/control-planes.ts";
import { type KubeObject, kubeRequest } from "../support/kube-request.ts";

/** Objects that the tests of the control plane itself make. */

let made = 0;

/** A namespace of a test's own; its name is unique in this test run. */
export async function makeNamespace(cluster: ClusterAccess): Promise<string> {
  made += 1;
  const name = `test-${process.pid}-${made}`;
  await make(cluster, "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  // The admission of pods asks for the namespace's service account, which a controller makes.
  await expect
    .poll(
      async () => (await kubeRequest(cluster, "GET", `/api/v1/namespaces/${name}/serviceaccounts/default`)).status,
      WAIT,
    )
    .toBe(200);
  return name;
}

/** How long a test waits for a controller, looking how often. */
export const WAIT = { timeout: 30_000, interval: 50 };

/** Creates an object and fails if the server does not. */
export async function make(cluster: ClusterAccess, path: string, object: object): Promise<KubeObject> {
  const { status, body } = await kubeRequest(cluster, "POST", path, object);
  expect(status, body.message).toBe(201);
  return body;
}

export interface WorkloadShape {
  name: string;
  replicas?: number;
  annotations?: Record<string, string>;
  labels?: Record<string, string>;
  requests?: Record<string, string>;
  podAnnotations?: Record<string, string>;
  pod?: object;
}

export function deployment(shape: WorkloadShape): object {
  const { name, replicas = 1, annotations = {}, labels = {} } = shape;
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, annotations, labels },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: podTemplate(shape) },
  };
}

export function podTemplate({ name, requests = {}, podAnnotations = {}, pod = {} }: WorkloadShape): object {
  return {
    metadata: { labels: { app: name }, annotations: podAnnotations },
    spec: {
      containers: [{ name: "main", image: "example.com/none:1", resources: { requests, limits: requests } }],
      ...pod,
    },
  };
}

/** Phases of the pods of an app, sorted. */
export async function phases(cluster: ClusterAccess, namespace: string, app: string): Promise<unknown[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`;
  const { body } = await kubeRequest(cluster, "GET", path);
  return (body.items ?? []).map(({ status }) => (typeof status === "object" ? status.phase : status)).sort();
}

export function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

export async function specOf(cluster: ClusterAccess, path: string): Promise<Record<string, unknown>> {
  return (await kubeRequest(cluster, "GET", path)).body.spec ?? {};
}
